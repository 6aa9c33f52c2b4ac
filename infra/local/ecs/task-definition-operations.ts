import type { ControlPlane } from './control-plane.ts';
import { EcsError } from './errors.ts';
import type { TaskDefinition } from './model.ts';
import type { Operations } from './requests.ts';

/** @throws EcsError ClientException, as ECS answers for a task definition that it does not know. */
export const findTaskDefinition = (plane: ControlPlane, reference: string): TaskDefinition => {
  const definition = plane.taskDefinition(reference);
  if (definition === undefined) throw new EcsError('ClientException', 'Unable to describe task definition.');
  return definition;
};

const description = ({ arn, containers, ...rest }: TaskDefinition) => ({
  taskDefinitionArn: arn,
  ...rest,
  containerDefinitions: containers,
  networkMode: 'awsvpc',
  requiresCompatibilities: ['FARGATE'],
  status: 'ACTIVE',
});

type TaskDefinitionOperations = Pick<Operations, 'DescribeTaskDefinition' | 'RegisterTaskDefinition'>;

export const taskDefinitionOperations = (plane: ControlPlane): TaskDefinitionOperations => ({
  DescribeTaskDefinition: ({ taskDefinition }) => ({
    taskDefinition: description(findTaskDefinition(plane, taskDefinition)),
  }),
  RegisterTaskDefinition: ({ family, containerDefinitions, cpu, memory }) => ({
    taskDefinition: description(plane.registerTaskDefinition(family, containerDefinitions, { cpu, memory })),
  }),
});
