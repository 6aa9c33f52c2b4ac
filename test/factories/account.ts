/** An AWS account in memory, and everything of ours that works on it; only the SDK clients are not the shipped ones. */

import { shardParameterName, type TargetsChanged } from '../../functions/discovery/names.ts';
import type { Shard } from '../../functions/discovery/shard/shard.ts';
import { decodeShard, EMPTY_SHARD_DOCUMENT, encodeShard } from '../../functions/discovery/shard/shard-codec.ts';
import { createDependencies } from '../../functions/lambda/dependencies.ts';
import type { DiscoverySettings } from '../../functions/lambda/settings.ts';
import type { ResyncDeps } from '../../functions/resync/resync-cluster.ts';
import { type VirtualClock, virtualClock } from './clock.ts';
import { type FakeParameters, fakeParameters } from './parameters.ts';
import { awsError, type FakeClient, fakeClient, pageOf } from './senders.ts';
import { describedTask, idOf, type TaskOptions, taskArn } from './tasks.ts';

interface CloudMapService {
  readonly namespace: string;
  readonly tags: Record<string, string>;
  readonly instances: Map<string, Record<string, string>>;
}

export interface LogLine {
  readonly level: 'info' | 'warn';
  readonly message: string;
  readonly [field: string]: unknown;
}

export interface Account {
  readonly clock: VirtualClock;
  readonly deps: ResyncDeps;
  readonly client: FakeClient;
  readonly parameters: FakeParameters;
  /** What ECS knows, by task id. */
  readonly tasks: Map<string, TaskOptions>;
  /** By family. */
  readonly definitions: Map<string, { networkMode?: string; containerDefinitions: object[] }>;
  /** Private address of a host, null where it has none; hosts that are no EC2 instance begin with `mi-`. */
  readonly hosts: Map<string, string | null>;
  readonly namespaces: Set<string>;
  /** By name; the id of a service is its name with `srv-` before it. */
  readonly services: Map<string, CloudMapService>;
  /** Names of the Cloud Map services that ECS registers the tasks of a service in. */
  readonly managed: Map<string, (string | { name: string; containerPort?: number; port?: number })[]>;
  /** Looks at each request before it is answered; may throw, or change the account. */
  before: ((operation: string, input: Record<string, unknown>) => void) | undefined;
  /** Changes an answer before it is given: what AWS leaves out, or has wrong. */
  answer: ((operation: string, answer: Record<string, unknown>) => Record<string, unknown>) | undefined;
  /** What target-sync was told. */
  readonly announced: TargetsChanged[];
  readonly log: LogLine[];
  readonly counts: {
    readonly metric: string;
    readonly value: number;
    readonly cluster: string;
    readonly reason?: string;
  }[];
  run(...tasks: TaskOptions[]): void;
  /** Adds a Cloud Map service in the namespace `ecs-services`. */
  addService(name: string, tags?: Record<string, string>): CloudMapService;
  shard(number?: number, cluster?: string): Shard;
  /** Writes a shard as an earlier run would have. */
  publish(shard: Shard, number?: number, cluster?: string): void;
  /** Numbers of the tasks in all shards of a cluster, sorted. */
  published(cluster?: string): number[];
  /** Requests that change something. */
  writes(): string[];
  /** The metrics that were counted, added up. */
  counted(metric: string): number;
}

export const OWNED = { 'ecs-prometheus-discovery:owner': 'discovery' };

const NAMESPACES_PARAMETER = 'ECS-ServiceDiscovery-Namespaces';
const WRITES = ['PutParameter', 'RegisterInstance', 'DeregisterInstance', 'PutEvents'];

/** The docker labels that select a task on port 3000. */
export const SELECTING = { ECS_PROMETHEUS_EXPORTER_PORT: '3000' };

export function createAccount(changes: Partial<DiscoverySettings> = {}): Account {
  const settings: DiscoverySettings = {
    deployment: 'discovery',
    clusters: ['prod'],
    shards: 1,
    shardTier: 'Standard',
    namespacesParameter: NAMESPACES_PARAMETER,
    scrapeRules: [],
    resyncRemovalLimitPercent: 50,
    ...changes,
  };
  const clock = virtualClock();
  const parameters = fakeParameters();
  const client = fakeClient(
    new Proxy({}, { get: (_, operation) => (input: Input) => respond(String(operation), input) }),
  );
  const nameOf = (number: number, cluster: string): string => shardParameterName('discovery', cluster, number);

  const account: Account = {
    clock,
    client,
    parameters,
    tasks: new Map(),
    definitions: new Map([
      ['shop', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web', dockerLabels: SELECTING }] }],
    ]),
    hosts: new Map(),
    namespaces: new Set(['ecs-services']),
    services: new Map(),
    managed: new Map(),
    before: undefined,
    answer: undefined,
    announced: [],
    log: [],
    counts: [],
    run: (...tasks) => {
      for (const task of tasks) account.tasks.set(idOf(task.number ?? 1), task);
    },
    addService(name, tags = {}) {
      const service = { namespace: 'ecs-services', tags, instances: new Map() };
      account.services.set(name, service);
      return service;
    },
    shard: (number = 0, cluster = 'prod') => decodeShard(parameters.current(nameOf(number, cluster)) ?? '').shard,
    publish(shard, number = 0, cluster = 'prod') {
      const name = nameOf(number, cluster);
      parameters.write(name, encodeShard({ base: parameters.version(name), shard }, 8192) as string);
    },
    published: (cluster = 'prod') =>
      Array.from({ length: settings.shards }, (_, number) => [...account.shard(number, cluster).tasks.keys()])
        .flat()
        .map((id) => Number.parseInt(id, 16))
        .sort((a, b) => a - b),
    writes: () => client.sent.map(({ operation }) => operation).filter((operation) => WRITES.includes(operation)),
    counted: (metric) =>
      account.counts.filter((it) => it.metric === metric).reduce((total, { value }) => total + value, 0),
    deps: createDependencies(
      {
        ecs: client,
        ec2: async () => client,
        ssmRead: client,
        ssmWrite: client,
        serviceDiscovery: client,
        events: client,
      },
      settings,
      {
        info: (message, fields) => account.log.push({ level: 'info', message, ...fields }),
        warn: (message, fields) => account.log.push({ level: 'warn', message, ...fields }),
        count: (metric, value, dimensions) => account.counts.push({ metric, value, ...dimensions }),
      },
      clock,
    ),
  };

  parameters.write(NAMESPACES_PARAMETER, 'ecs-services');
  for (const cluster of settings.clusters)
    for (let number = 0; number < settings.shards; number++)
      parameters.write(nameOf(number, cluster), EMPTY_SHARD_DOCUMENT);

  async function respond(operation: string, input: Input): Promise<Record<string, unknown>> {
    account.before?.(operation, input as never);
    const answer = await answerOf(account, operation, input);
    return account.answer?.(operation, answer) ?? answer;
  }
  return account;
}

/** The inputs of all operations below, as far as they are looked at. */
interface Input {
  readonly cluster: string;
  readonly tasks: string[];
  readonly serviceName?: string;
  readonly nextToken?: string;
  readonly maxResults: number;
  readonly taskDefinition: string;
  readonly services: string[];
  readonly containerInstances: string[];
  readonly Filters: { readonly Values: string[] }[];
  readonly Names: string[];
  readonly Name: string;
  readonly Value: string;
  readonly ResourceARN: string;
  readonly ServiceId: string;
  readonly InstanceId: string;
  readonly Attributes: Record<string, string>;
  readonly Entries: { readonly Detail: string }[];
}

const lastPart = (arn: string): string => arn.split('/').at(-1) ?? '';
const registryArn = (name: string): string => `arn:aws:servicediscovery:eu-west-1:111122223333:service/srv-${name}`;

async function answerOf(account: Account, operation: string, input: Input): Promise<Record<string, unknown>> {
  const { tasks, definitions, hosts, services, managed, namespaces, parameters } = account;
  const clusterOf = ({ cluster = 'prod' }: TaskOptions): string => cluster;
  const serviceWith = (id: string): CloudMapService => {
    const service = services.get(id.slice('srv-'.length));
    if (!service) throw awsError('ServiceNotFound', id);
    return service;
  };
  switch (operation) {
    case 'DescribeTasks': {
      const known = (id: string): TaskOptions | undefined => {
        const task = tasks.get(id);
        return task && clusterOf(task) === input.cluster ? task : undefined;
      };
      return {
        tasks: input.tasks.flatMap((id) => known(id) ?? []).map(describedTask),
        failures: input.tasks.filter((id) => !known(id)).map((id) => ({ arn: taskArn(id), reason: 'MISSING' })),
      };
    }
    case 'ListTasks': {
      const all = [...tasks]
        .filter(([, task]) => clusterOf(task) === input.cluster && (task.desiredStatus ?? 'RUNNING') === 'RUNNING')
        .filter(([, task]) => !input.serviceName || ('service' in task ? task.service : 'shop') === input.serviceName)
        .map(([id]) => taskArn(id, input.cluster));
      const { items, next } = pageOf(all, input.maxResults, input.nextToken);
      return { taskArns: items, nextToken: next };
    }
    case 'DescribeTaskDefinition': {
      const definition = definitions.get(lastPart(input.taskDefinition).replace(/:\d+$/, ''));
      if (!definition) throw awsError('ClientException', 'Unable to describe task definition.');
      return { taskDefinition: definition };
    }
    case 'DescribeServices':
      return {
        services: input.services.map((serviceName) => ({
          serviceName,
          serviceRegistries: (managed.get(serviceName) ?? []).map((managing) => {
            const { name, ...ports } = typeof managing === 'string' ? { name: managing } : managing;
            return { registryArn: registryArn(name), ...ports };
          }),
        })),
      };
    case 'DescribeContainerInstances':
      return {
        containerInstances: input.containerInstances.map((arn) => {
          const host = lastPart(arn);
          return { containerInstanceArn: arn, ec2InstanceId: host.startsWith('mi-') ? host : `i-${host}` };
        }),
      };
    case 'DescribeInstances': {
      const wanted = input.Filters[0]?.Values ?? [];
      const found = [...hosts].filter(([host]) => wanted.includes(`i-${host}`));
      return {
        Reservations: found.map(([host, address]) => ({
          Instances: [{ InstanceId: `i-${host}`, ...(address !== null && { PrivateIpAddress: address }) }],
        })),
      };
    }
    case 'GetParameters': {
      const found = await parameters.get(input.Names);
      return { Parameters: [...found].map(([Name, { value, version }]) => ({ Name, Value: value, Version: version })) };
    }
    case 'GetParameter': {
      const [name = '', version] = input.Name.split(':');
      const found = await parameters.getVersion(name, Number(version));
      if (!found) throw awsError('ParameterVersionNotFound', input.Name);
      return { Parameter: { Value: found.value, Version: found.version } };
    }
    case 'PutParameter':
      return { Version: await parameters.put(input.Name, input.Value) };
    case 'ListNamespaces':
      return { Namespaces: [...namespaces].map((name) => ({ Name: name, Id: `ns-${name}` })) };
    case 'ListServices': {
      const namespace = input.Filters[0]?.Values[0];
      const found = [...services].filter(([, service]) => `ns-${service.namespace}` === namespace);
      return { Services: found.map(([name]) => ({ Id: `srv-${name}`, Arn: registryArn(name), Name: name })) };
    }
    case 'ListTagsForResource':
      return {
        Tags: Object.entries(serviceWith(lastPart(input.ResourceARN)).tags).map(([Key, Value]) => ({ Key, Value })),
      };
    case 'ListInstances':
      return {
        Instances: [...serviceWith(input.ServiceId).instances].map(([Id, Attributes]) => ({ Id, Attributes })),
      };
    case 'RegisterInstance':
      serviceWith(input.ServiceId).instances.set(input.InstanceId, input.Attributes);
      return { OperationId: 'op' };
    case 'DeregisterInstance':
      if (!serviceWith(input.ServiceId).instances.delete(input.InstanceId)) throw awsError('InstanceNotFound');
      return { OperationId: 'op' };
    case 'PutEvents':
      account.announced.push(...input.Entries.map(({ Detail }) => JSON.parse(Detail) as TargetsChanged));
      return { FailedEntryCount: 0, Entries: input.Entries.map(() => ({ EventId: 'x' })) };
    default:
      throw new Error(`the account does not answer ${operation}`);
  }
}
