import type { ControlPlane } from './control-plane.ts';
import { EcsError, invalidParameter } from './errors.ts';
import type { NetworkMode, TaskDefinition } from './model.ts';
import type { Operations } from './requests.ts';

/** @throws EcsError ClientException, as ECS answers for a task definition that it does not know. */
export const findTaskDefinition = (plane: ControlPlane, reference: string): TaskDefinition => {
  const definition = plane.taskDefinition(reference);
  if (definition === undefined) throw new EcsError('ClientException', 'Unable to describe task definition.');
  return definition;
};

/** As ECS answers where a definition names no host port: the container's own, and 0 for one that Docker chooses. */
const hostPort = (networkMode: NetworkMode, containerPort: number): number =>
  networkMode === 'bridge' ? 0 : containerPort;

const description = ({ arn, containers, ...rest }: TaskDefinition) => ({
  taskDefinitionArn: arn,
  ...rest,
  containerDefinitions: containers.map((container) => ({
    ...container,
    portMappings: container.portMappings.map((mapping) => ({
      ...mapping,
      hostPort: hostPort(rest.networkMode, mapping.containerPort),
    })),
  })),
  requiresCompatibilities: [rest.networkMode === 'awsvpc' ? 'FARGATE' : 'EC2'],
});

type TaskDefinitionOperations = Pick<
  Operations,
  'DescribeTaskDefinition' | 'RegisterTaskDefinition' | 'DeregisterTaskDefinition' | 'DeleteTaskDefinitions'
>;

export const taskDefinitionOperations = (plane: ControlPlane): TaskDefinitionOperations => ({
  DescribeTaskDefinition: ({ taskDefinition }) => ({
    taskDefinition: description(findTaskDefinition(plane, taskDefinition)),
  }),
  RegisterTaskDefinition: ({ family, containerDefinitions, ...size }) => ({
    taskDefinition: description(plane.registerTaskDefinition(family, containerDefinitions, size)),
  }),
  DeregisterTaskDefinition: ({ taskDefinition }) => {
    const definition = findTaskDefinition(plane, taskDefinition);
    definition.status = 'INACTIVE';
    return { taskDefinition: description(definition) };
  },
  DeleteTaskDefinitions: ({ taskDefinitions }) => {
    const deleted = taskDefinitions.map((reference) => findTaskDefinition(plane, reference));
    if (deleted.some(({ status }) => status === 'ACTIVE')) {
      throw invalidParameter('The task definition must be deregistered before it is deleted.');
    }
    for (const definition of deleted) plane.deleteTaskDefinition(definition);
    return { taskDefinitions: deleted.map(description), failures: [] };
  },
});
