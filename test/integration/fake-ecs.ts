/**
 * ECS as far as the Lambdas ask it, for tasks that somebody else made up: the stand-in of infra/local runs its own tasks,
 * this one shows whatever a test gives it, in the shape of the API, and fails as a test wants it to.
 */
import { EcsError } from '../../infra/local/ecs/errors.ts';
import { type EcsServer, serveEcs } from '../../infra/local/ecs/server.ts';

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

/** Most tasks in one answer of ListTasks (ECS API reference: 100); few, so that a test meets more than one page. */
const PAGE = 3;

const last = (arn: unknown): string => String(arn).slice(String(arn).lastIndexOf('/') + 1);

export const startFakeEcs = async (): Promise<FakeEcs> => {
  const tasks = new Map<string, Json>();
  const fake: Omit<FakeEcs, 'endpoint' | 'stop'> = {
    show: (detail) => tasks.set(last(detail['taskArn']), detail),
    forget: (detail) => tasks.delete(last(detail['taskArn'])),
    taskDefinitions: new Map(),
    registries: new Map(),
    machines: new Map(),
    refuse: undefined,
    asked: [],
  };

  const inCluster = ({ cluster }: Json) => [...tasks].filter(([, detail]) => last(detail['clusterArn']) === cluster);

  const operations: Record<string, (request: Json) => Json> = {
    DescribeTasks: (request) => {
      const known = new Map(inCluster(request));
      const references = request['tasks'] as string[];
      return {
        tasks: references
          .map((it) => known.get(last(it)))
          .filter((it) => it !== undefined)
          .map(described),
        failures: references.filter((it) => !known.has(last(it))).map((arn) => ({ arn, reason: 'MISSING' })),
      };
    },
    ListTasks: ({ nextToken = '0', serviceName, ...request }) => {
      const arns = inCluster(request)
        .filter(([, { desiredStatus }]) => desiredStatus === 'RUNNING')
        .filter(([, { group }]) => serviceName === undefined || group === `service:${serviceName}`)
        .map(([, { taskArn }]) => taskArn);
      const end = Number(nextToken) + PAGE;
      return { taskArns: arns.slice(Number(nextToken), end), ...(end < arns.length && { nextToken: String(end) }) };
    },
    DescribeTaskDefinition: ({ taskDefinition }) => {
      const found = fake.taskDefinitions.get(last(taskDefinition));
      if (found === undefined) throw new EcsError('ClientException', 'Unable to describe task definition.');
      return { taskDefinition: { taskDefinitionArn: taskDefinition, ...found } };
    },
    DescribeServices: ({ services }) => ({
      services: (services as string[]).map((serviceName) => ({
        serviceName,
        serviceRegistries: (fake.registries.get(serviceName) ?? []).map((id) => ({
          registryArn: `arn:aws:servicediscovery:us-east-1:000000000000:service/${id}`,
        })),
      })),
    }),
    DescribeContainerInstances: ({ containerInstances }) => ({
      containerInstances: (containerInstances as string[]).map((containerInstanceArn) => ({
        containerInstanceArn,
        ec2InstanceId: fake.machines.get(last(containerInstanceArn)),
      })),
    }),
  };

  const server = await serveEcs(async (operation, body) => {
    const request = body as Json;
    fake.asked.push(operation);
    const refusal = await fake.refuse?.(operation, request);
    if (refusal !== undefined) throw refusal;
    const answer = operations[operation];
    if (answer === undefined) throw new EcsError('UnsupportedOperationException', `No ${operation} here.`);
    return answer(request);
  }, 0);
  return Object.assign(fake, { endpoint: server.endpoint, stop: server.stop });
};

/** An element of DescribeTasks' `tasks`: another name for the network interface, times in seconds since 1970. */
const described = (detail: Json): Json =>
  JSON.parse(
    JSON.stringify(detail, (key, value: unknown) => {
      if (key === 'type' && value === 'eni') return 'ElasticNetworkInterface';
      return key.endsWith('At') ? Date.parse(String(value)) / 1000 : value;
    }),
  ) as Json;
