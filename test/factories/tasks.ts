/** Tasks as ECS tells of them, in the two shapes it uses: the detail of an event and an element of DescribeTasks. */
import { readFileSync } from 'node:fs';
import { clusterArnOf } from '../../functions/discovery/cluster/cluster-key.ts';
import { parseTask, placeOfArn, type Task, type TaskId } from '../../functions/discovery/task/task.ts';

const REGION = 'eu-west-1';
const ACCOUNT = '111122223333';

export interface TaskOptions {
  /** Told apart by number; ids are 32 hexadecimal digits as ECS makes them. */
  readonly number?: number;
  /** @default that of the number */
  readonly id?: string;
  /** As the deployment calls it. */
  readonly cluster?: string;
  /** Absent: a standalone task. */
  readonly service?: string | undefined;
  readonly group?: string;
  readonly family?: string;
  readonly version?: number;
  readonly lastStatus?: string;
  readonly desiredStatus?: string;
  readonly address?: string;
  readonly startedAt?: string | undefined;
  readonly stoppingAt?: string | undefined;
  /** Set: the task uses its host's network and has no interface of its own. */
  readonly host?: string;
  readonly containers?: readonly Record<string, unknown>[];
}

export const idOf = (number: number): TaskId => number.toString(16).padStart(32, '0') as TaskId;

/** The account and Region of the tests. */
export const HERE = `arn:aws:ecs:${REGION}:${ACCOUNT}`;

// Clusters are called as the deployment calls them: one elsewhere by name, Region and account.
export const clusterArn = (cluster: string): string => clusterArnOf(cluster, HERE);
const inCluster = (cluster: string, kind: string, id: string): string =>
  `${clusterArn(cluster).replace(':cluster/', `:${kind}/`)}/${id}`;
export const taskArn = (id: string, cluster = 'prod'): string => inCluster(cluster, 'task', id);
export const definitionArn = (family: string, cluster = 'prod'): string =>
  `${placeOfArn(clusterArn(cluster))}:task-definition/${family}:1`;
export const hostArn = (host: string, cluster = 'prod'): string => inCluster(cluster, 'container-instance', host);

const STARTED_AT = '2026-11-25T04:00:00.000Z';

/** The `detail` of an ECS Task State Change event; by default a running Fargate task of the service `shop`. */
export function taskDetail(options: TaskOptions = {}) {
  const { number = 1, cluster = 'prod', service, family = 'shop', version = 3, host } = options;
  const { lastStatus = 'RUNNING', desiredStatus = 'RUNNING', address = `10.0.0.${number}` } = options;
  const arn = taskArn(options.id ?? idOf(number), cluster);
  const startedAt = 'startedAt' in options ? options.startedAt : STARTED_AT;
  const known = 'service' in options ? service : 'shop';
  return {
    attachments: host === undefined ? [networkInterface('eni', address)] : [],
    availabilityZone: `${REGION}a`,
    clusterArn: clusterArn(cluster),
    containers: options.containers ?? [{ name: 'web', lastStatus, taskArn: arn, networkBindings: [] }],
    cpu: '256',
    desiredStatus,
    group: options.group ?? (known === undefined ? `family:${family}` : `service:${known}`),
    lastStatus,
    launchType: host === undefined ? 'FARGATE' : 'EC2',
    memory: '512',
    overrides: { containerOverrides: [{ name: 'web', environment: [{ name: 'TOKEN', value: 'hunter2' }] }] },
    taskArn: arn,
    taskDefinitionArn: definitionArn(family, cluster),
    version,
    ...(startedAt !== undefined && { startedAt }),
    ...(options.stoppingAt !== undefined && { stoppingAt: options.stoppingAt }),
    ...(host !== undefined && { containerInstanceArn: hostArn(host, cluster) }),
  };
}

/** The same task as DescribeTasks answers: another name for the attachment, dates, tags and health. */
export function describedTask(options: TaskOptions = {}) {
  const { attachments, startedAt, stoppingAt, ...same } = taskDetail(options);
  return {
    ...same,
    attachments: attachments.map((it) => ({ ...it, type: 'ElasticNetworkInterface' })),
    ...(startedAt !== undefined && { startedAt: new Date(startedAt) }),
    ...(stoppingAt !== undefined && { stoppingAt: new Date(stoppingAt) }),
    healthStatus: 'UNKNOWN',
    tags: [],
  };
}

export const aTask = (options: TaskOptions = {}): Task => parseTask(taskDetail(options));

/** Options of a task that stopped after it ran. */
export const stopped = { lastStatus: 'STOPPED', desiredStatus: 'STOPPED', version: 7 } as const;

/** Body of the queue message that EventBridge makes of a change. */
export function eventBody(detail: unknown, time = STARTED_AT): string {
  const { clusterArn: of } = Object(detail) as { readonly clusterArn?: unknown };
  const [region, account] = placeOfArn(typeof of === 'string' && of.startsWith('arn:') ? of : HERE)
    .split(':')
    .slice(3);
  return JSON.stringify({
    version: '0',
    id: '3317b2af-7005-947d-b652-f55e762e571a',
    'detail-type': 'ECS Task State Change',
    source: 'aws.ecs',
    account,
    time,
    region,
    detail,
  });
}

export const taskEvent = (options: TaskOptions = {}, time = STARTED_AT): string => eventBody(taskDetail(options), time);

/** Body of a recorded event, such as `real/fargate-running`. */
export const recordedEvent = (name: string): string =>
  readFileSync(new URL(`../fixtures/events/${name}.json`, import.meta.url), 'utf8');

/** The detail of a recorded event, for changing a part of it. */
export const recordedDetail = (name: string): Record<string, unknown> =>
  (JSON.parse(recordedEvent(name)) as { detail: Record<string, unknown> }).detail;

function networkInterface(type: string, address: string) {
  return {
    id: '0c2f6a1e-52a1-4f61-9f0d-1b7f6f7b6c55',
    type,
    status: 'ATTACHED',
    details: [
      { name: 'subnetId', value: 'subnet-0123456789abcdef0' },
      { name: 'privateIPv4Address', value: address },
    ],
  };
}
