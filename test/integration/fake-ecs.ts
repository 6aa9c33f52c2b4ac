/**
 * The model of infra/local without its processes: it shows tasks as a test's events say they are, in as many clusters as
 * those name, and fails as a test wants it to.
 */
import { ecsApi } from '../../infra/local/ecs/api.ts';
import { nameOf, serviceArn } from '../../infra/local/ecs/arn.ts';
import { ControlPlane } from '../../infra/local/ecs/control-plane.ts';
import { EcsError } from '../../infra/local/ecs/errors.ts';
import type { TaskDefinition } from '../../infra/local/ecs/model.ts';
import { type EcsServer, serveEcs } from '../../infra/local/ecs/server.ts';
import { shownTask } from '../../infra/local/ecs/shown-task.ts';

type Json = Record<string, unknown>;

export interface FakeEcs {
  readonly endpoint: string;
  readonly stop: EcsServer['stop'];
  /** Shows a task as the `detail` of its event says it is. */
  readonly show: (detail: Json) => void;
  /** From now on ECS does not know the task, as an hour after it stopped. */
  readonly forget: (detail: Json) => void;
  /** By `family:revision`. */
  readonly taskDefinitions: Map<string, Json>;
  /** Ids of the Cloud Map services that ECS registers the tasks of a service in, by the service's name. */
  readonly registries: Map<string, readonly string[]>;
  /** Id of the machine behind a container instance: `i-…` on EC2, `mi-…` elsewhere; by the id of the container instance. */
  readonly machines: Map<string, string>;
  /** What happens instead of an answer, while it is set; a promise keeps the caller waiting. */
  refuse: ((operation: string, request: Json) => Error | Promise<Error> | undefined) | undefined;
  /** Names of all operations that were asked for. */
  readonly asked: string[];
}

export const throttled = (): Error => new EcsError('ThrottlingException', 'Rate exceeded');
/** Answered with the status 500. */
export const broken = (): Error => new Error('Service Unavailable');

/** Tasks in one answer of ListTasks: few, so that a test meets more than one page. */
const PAGE = 3;

const REGISTRY = 'arn:aws:servicediscovery:us-east-1:000000000000:service';

const nobodyRuns = (): never => {
  throw new Error('tasks are shown here, not run');
};

export const startFakeEcs = async (): Promise<FakeEcs> => {
  const planes = new Map<string, ControlPlane>();
  const planeOf = (cluster: string): ControlPlane => {
    const plane = planes.get(cluster) ?? newPlane(cluster);
    planes.set(cluster, plane);
    return plane;
  };

  const fake: Omit<FakeEcs, 'endpoint' | 'stop'> = {
    show: (detail) => {
      const task = shownTask(detail, definitionOf(String(detail['taskDefinitionArn'])));
      planeOf(task.cluster).show(task);
    },
    forget: (detail) => planeOf(nameOf(String(detail['clusterArn']))).forget(nameOf(String(detail['taskArn']))),
    taskDefinitions: new Map(),
    registries: new Map(),
    machines: new Map(),
    refuse: undefined,
    asked: [],
  };

  /** What a request names exists: a test says only what is special about it. */
  const prepare = (plane: ControlPlane, { serviceName, services = [serviceName] }: Json): void => {
    for (const name of (services as (string | undefined)[]).flatMap((it) => (it === undefined ? [] : nameOf(it)))) {
      const ids = fake.registries.get(name) ?? [];
      plane.services.set(name, {
        ...{
          name,
          arn: serviceArn(plane.cluster, name),
          createdAt: 0,
          desiredCount: 0,
          deploymentController: 'EXTERNAL',
          schedulingStrategy: 'REPLICA',
        },
        taskDefinition: definitionOf('none:1'),
        serviceRegistries: ids.map((id) => ({ registryArn: `${REGISTRY}/${id}` })),
      });
    }
    for (const [id, machine] of fake.machines) plane.containerInstances.set(id, machine);
  };

  const describeTaskDefinition = (taskDefinition: string): Json => {
    const found = fake.taskDefinitions.get(nameOf(taskDefinition));
    if (found === undefined) throw new EcsError('ClientException', 'Unable to describe task definition.');
    return { taskDefinition: { taskDefinitionArn: taskDefinition, ...found } };
  };

  const server = await serveEcs(async (operation, body) => {
    const request = body as Json;
    fake.asked.push(operation);
    const refusal = await fake.refuse?.(operation, request);
    if (refusal !== undefined) throw refusal;
    // Documents of recorded task definitions, which hold more than the model knows.
    if (operation === 'DescribeTaskDefinition') return describeTaskDefinition(String(request['taskDefinition']));
    const plane = planeOf(nameOf(String(request['cluster'])));
    prepare(plane, request);
    return ecsApi(plane)(operation, operation === 'ListTasks' ? { ...request, maxResults: PAGE } : request);
  }, 0);
  return Object.assign(fake, { endpoint: server.endpoint, stop: server.stop });
};

const newPlane = (cluster: string): ControlPlane =>
  new ControlPlane({
    cluster,
    ...{ launch: nobodyRuns, step: nobodyRuns, nextAddress: nobodyRuns, nextId: nobodyRuns, pause: nobodyRuns },
    changed: () => {},
    now: Date.now,
  });

const definitionOf = (arn: string): TaskDefinition => {
  const [family = '', revision = '1'] = nameOf(arn).split(':');
  const size = { cpu: '256', memory: '512' };
  return {
    ...{ arn, family, revision: Number(revision), ...size },
    networkMode: 'awsvpc',
    status: 'ACTIVE',
    containers: [],
  };
};
