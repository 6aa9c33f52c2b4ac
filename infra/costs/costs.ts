/**
 * What a deployment costs a month, from the size of a fleet. Every quantity is an upper bound that a formula gives;
 * `test/docs/costs.test.ts` holds the requests against those that the shipped code makes.
 */

/** Dollars, us-east-1, November 2026, from secondary sources: look at the price lists of AWS before you rely on one. */
export const PRICES = {
  sqsRequest: 0.4 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  lambdaGigabyteSecond: 0.0000133334,
  /** PutEvents; events of AWS services are free. */
  customEvent: 1 / 1e6,
  advancedParameter: 0.05,
  /** A parameter read or written; of the standard tier it is free, unless the higher throughput is on. */
  advancedParameterAccess: 0.05 / 10_000,
  registeredInstance: 0.1,
  customMetric: 0.3,
  alarm: 0.1,
  dashboard: 3,
  arm: { fargateCpuHour: 0.03238, fargateGigabyteHour: 0.00356 },
  x86: { fargateCpuHour: 0.04048, fargateGigabyteHour: 0.004445 },
  natGatewayHour: 0.045,
  publicAddressHour: 0.005,
  /** On demand, Linux. */
  instanceHour: { 't4g.micro': 0.0084, 't4g.small': 0.0168, 't4g.medium': 0.0336, 't3.small': 0.0208 },
  /** gp3, a month. */
  diskGigabyte: 0.08,
  hostedZone: 0.5,
  /** A sample that AMP takes, of the first two billion a month. */
  sample: 0.9 / 1e7,
} as const;

export interface Fleet {
  readonly services: number;
  readonly tasks: number;
  /** Tasks that start or stop in a day. */
  readonly changesPerDay: number;
  /** Tasks that this deployment registers in Cloud Map. */
  readonly registered: number;
  readonly shards: number;
  readonly collectors: number;
}

/** One shard for every 60 tasks, four at least: the rule of `docs/settings.md`. */
export const shardsFor = (tasks: number): number => Math.max(4, Math.ceil(tasks / 60));

const DAYS = 30;
/** Of a month. */
export const HOURS = 730;
/** Every three hours, the default. */
const RESYNCS = 8;
/** Safety refreshes of a target-sync in a day, and windows in which what Cloud Map says is remembered: five minutes. */
const WINDOWS = 288;
/** ECS tells twice of a start that matters (RUNNING), four times of a stop. */
export const EVENTS_PER_CHANGE = 3;
/** Names that GetParameters takes; tasks that ListTasks and DescribeTasks take; services that DescribeServices takes. */
const NAMES = 10;
const TASKS = 100;
const SERVICES = 10;

/** Requests of the Lambdas in a day. Without batches, so that it is more than a busy day needs. */
export function requestsPerDay({ services, tasks, changesPerDay, shards }: Fleet) {
  const perResync = {
    ecs: Math.ceil(tasks / TASKS) + Math.max(shards, Math.ceil(tasks / TASKS)) + Math.ceil(services / SERVICES),
    cloudMap: 2 + services,
    ssm: 1 + Math.ceil(shards / NAMES),
  };
  return {
    // Two looks at a task that starts, its service; each task definition once in 24 hours.
    ecs: Math.ceil(2.25 * changesPerDay) + services + RESYNCS * perResync.ecs,
    // Namespaces and services once in five minutes, tags of the service.
    cloudMap: 2 * Math.min(changesPerDay, WINDOWS) + changesPerDay + RESYNCS * perResync.cloudMap,
    // A start: two reads and a write, and a read for its second event. A stop: the same, and three further events.
    ssm: 5 * changesPerDay + Math.min(changesPerDay, WINDOWS) + RESYNCS * perResync.ssm,
  };
}

/** Requests of all target-syncs in a day, on SSM alone: each refreshes its own part of the shards and reads what changed. */
export const syncRequestsPerDay = ({ changesPerDay, shards, collectors }: Fleet): number =>
  WINDOWS * collectors * Math.ceil(shards / collectors / NAMES) + changesPerDay;

/** The reference's sidecar: 3 requests, and 2 for each service, every 30 s. */
export const sidecarRequestsPerDay = ({ services }: Pick<Fleet, 'services'>): number => (3 + 2 * services) * 2880;

export interface Cost {
  readonly item: string;
  readonly dollars: number;
}

/** Idle: Lambda begins with five pollers, a target-sync has one, and each asks again after 20 s. */
const POLLS = ({ collectors }: Fleet): number => (5 + collectors) * (86_400 / 20);
/** An event is put into the queue, received and deleted, one by one; then once more for each collector. */
const SQS_REQUESTS_PER_EVENT = 3;
/** GB-s of an invocation: 512 MB for a second, which is more than a cold start takes. */
const INVOCATION = 0.5;
/** GB-s of a resync: two seconds, and another for every 100 tasks. */
const resyncSize = (tasks: number): number => 0.5 * (2 + tasks / 100);
/** Metrics with data in a calm month: 4 of the task-change function, 5 of resync, records tried again, one reason. */
const METRICS = 11;
/** Alarms of a deployment with one cluster: docs/operations.md. */
export const alarmsOf = ({ collectors }: Pick<Fleet, 'collectors'>): number => 12 + collectors;

/** What this project adds to a cluster, without collectors, metrics storage and Grafana. */
export function discoveryCosts(fleet: Fleet): readonly Cost[] {
  const { tasks, changesPerDay, registered, shards, collectors } = fleet;
  const events = EVENTS_PER_CHANGE * changesPerDay;
  const sqs = POLLS(fleet) + SQS_REQUESTS_PER_EVENT * (events + changesPerDay * collectors);
  const lambda =
    (events + RESYNCS) * PRICES.lambdaRequest +
    (events * INVOCATION + RESYNCS * resyncSize(tasks)) * PRICES.lambdaGigabyteSecond;
  // Each parameter that is read counts, however many there are in a request.
  const accesses = 5 * changesPerDay + RESYNCS * 2 * shards + WINDOWS * shards + changesPerDay;
  return [
    { item: 'Cloud Map instances', dollars: registered * PRICES.registeredInstance },
    { item: 'SSM: advanced parameters', dollars: shards * PRICES.advancedParameter },
    { item: 'SSM: reads and writes', dollars: DAYS * accesses * PRICES.advancedParameterAccess },
    { item: 'SQS, mostly polls of empty queues', dollars: DAYS * sqs * PRICES.sqsRequest },
    { item: 'Lambda', dollars: DAYS * lambda },
    { item: 'EventBridge', dollars: DAYS * changesPerDay * PRICES.customEvent },
    { item: 'CloudWatch metrics', dollars: METRICS * PRICES.customMetric },
    { item: 'CloudWatch alarms', dollars: alarmsOf(fleet) * PRICES.alarm },
    { item: 'CloudWatch dashboard', dollars: PRICES.dashboard },
  ];
}

/** Fargate tasks of the default size, 0.5 vCPU and 1 GB, arm64. */
export const collectorCost = ({ collectors }: Pick<Fleet, 'collectors'>): number =>
  collectors * HOURS * (0.5 * PRICES.arm.fargateCpuHour + PRICES.arm.fargateGigabyteHour);

export const total = (costs: readonly Cost[]): number => costs.reduce((sum, { dollars }) => sum + dollars, 0);
