/**
 * What a deployment costs a month, from the size of a fleet. Every quantity is an upper bound that a formula gives;
 * `test/docs/costs.test.ts` holds the requests against those that the shipped code makes.
 */
import { definitionsParameterCount } from '../../functions/discovery/names.ts';

/** Dollars, us-east-1, November 2026, from secondary sources: look at the price lists of AWS before you rely on one. */
export const PRICES = {
  sqsRequest: 0.4 / 1e6,
  lambdaRequest: 0.2 / 1e6,
  lambdaGigabyteSecond: 0.0000133334,
  /** Up to 64 KB; deliveries to SQS, and events of AWS services, are free. */
  snsPublish: 0.5 / 1e6,
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
  /** Whether there are namespaces whose services say how to scrape, so that register is there, too. */
  readonly cloudMap: boolean;
}

/** One shard for every 60 tasks, four at least: the rule of `docs/settings.md`. */
export const shardsFor = (tasks: number): number => Math.max(4, Math.ceil(tasks / 60));

const DAYS = 30;
/** Of a month. */
export const HOURS = 730;
/** Every three hours, the default. */
const RESYNCS = 8;
/** Safety refreshes of a target-sync in a day: every five minutes. */
const WINDOWS = 288;
/** ECS tells twice of a start that matters (RUNNING), four times of a stop. */
const EVENTS_PER_CHANGE = 3;
/** Names that GetParameters takes; tasks that ListTasks and DescribeTasks take; services that DescribeServices takes. */
const NAMES = 10;
const TASKS = 100;
const SERVICES = 10;

/**
 * Requests of the Lambdas in a day: without batches, and with functions that remember nothing from one change to the next, so
 * that it is more than a busy day needs.
 */
export function requestsPerDay({ services, tasks, changesPerDay, shards, cloudMap }: Fleet) {
  const [starts, stops] = [Math.ceil(changesPerDay / 2), Math.floor(changesPerDay / 2)];
  const withCloudMap = cloudMap ? 1 : 0;
  const perResync = {
    // Lists, looks, and the services in which ECS registers; each shard's tasks by themselves.
    ecs:
      Math.ceil(tasks / TASKS) +
      Math.max(shards, Math.ceil(tasks / TASKS)) +
      withCloudMap * (Math.ceil(services / SERVICES) + shards),
    cloudMap: withCloudMap * (2 + services),
    // The kept task definitions are read, too.
    ssm: withCloudMap + Math.ceil(shards / NAMES) + 1,
  };
  // Resync asks for a task definition that it has not met, and keeps it.
  const newDefinitions = Math.min(services * RESYNCS, starts);
  return {
    // Two looks at a task that starts, its definition, its service; register looks once more, and at the service of a stop.
    ecs: (3 + 4 * withCloudMap) * starts + withCloudMap * stops + newDefinitions + RESYNCS * perResync.ecs,
    // Namespaces, services, tags: observe for a start, register for each change.
    cloudMap: withCloudMap * 3 * (starts + changesPerDay) + RESYNCS * perResync.cloudMap,
    // Store reads and writes, and reads once more for what is announced twice; the others read the list of namespaces.
    ssm:
      2 * changesPerDay +
      starts +
      withCloudMap * (starts + changesPerDay) +
      Math.min(newDefinitions, RESYNCS) +
      RESYNCS * perResync.ssm,
  };
}

/** Requests of all target-syncs in a day, on SSM alone: each refreshes its own part of the shards and reads what changed. */
export const syncRequestsPerDay = ({ changesPerDay, shards, collectors }: Fleet): number =>
  collectors === 0 ? 0 : WINDOWS * collectors * Math.ceil(shards / collectors / NAMES) + changesPerDay;

/** The reference's sidecar: 3 requests, and 2 for each service, every 30 s. */
export const sidecarRequestsPerDay = ({ services }: Pick<Fleet, 'services'>): number => (3 + 2 * services) * 2880;

export interface Cost {
  readonly item: string;
  readonly dollars: number;
}

/** Queues that a function reads: stops and runs, store, and register where Cloud Map is used. */
const stageQueues = ({ cloudMap }: Pick<Fleet, 'cloudMap'>): number => (cloudMap ? 4 : 3);
/** Idle: Lambda begins with five pollers a queue, a target-sync has one, and each asks again after 20 s. */
const polls = (fleet: Fleet): number => (5 * stageQueues(fleet) + fleet.collectors) * (86_400 / 20);
/** A message is put into a queue, received and deleted, one by one. */
const SQS_REQUESTS_PER_MESSAGE = 3;
/** A change is announced, and then the version of the shard that holds it; the stages hear of the first alone. */
const ANNOUNCEMENTS_PER_CHANGE = 2;
/** GB-s of an invocation: 512 MB for a second, which is more than a cold start takes. */
const INVOCATION = 0.5;
/** GB-s of a resync: two seconds, and another for every 100 tasks. */
const resyncSize = (tasks: number): number => 0.5 * (2 + tasks / 100);
/**
 * Metrics with data in a calm month: of observe age, upserts, removals, messages tried again and one reason of skipping; of
 * store fullness; of resync targets, drift, held, problems and that reason.
 */
const METRICS = 11;
/** Alarms of a deployment with one cluster: docs/operations.md. */
export const alarmsOf = ({ collectors, cloudMap }: Pick<Fleet, 'collectors' | 'cloudMap'>): number =>
  14 + (cloudMap ? 2 : 0) + collectors;

/** What this project adds to a cluster, without collectors, metrics storage and Grafana. */
export function discoveryCosts(fleet: Fleet): readonly Cost[] {
  const { tasks, changesPerDay, registered, shards, collectors, cloudMap } = fleet;
  const events = EVENTS_PER_CHANGE * changesPerDay;
  const heard = changesPerDay * ((cloudMap ? 2 : 1) + ANNOUNCEMENTS_PER_CHANGE * collectors);
  const sqs = polls(fleet) + SQS_REQUESTS_PER_MESSAGE * (events + heard);
  // Register looks at what it changed a second time.
  const invocations = events + changesPerDay * (1 + (cloudMap ? 2 : 0));
  const lambda =
    (invocations + RESYNCS) * PRICES.lambdaRequest +
    (invocations * INVOCATION + RESYNCS * resyncSize(tasks)) * PRICES.lambdaGigabyteSecond;
  // Each parameter that is read counts, however many there are in a request.
  const refreshes = collectors === 0 ? 0 : WINDOWS * shards + changesPerDay;
  const accesses = 2.5 * changesPerDay + RESYNCS * 2 * (shards + 1) + refreshes;
  return [
    { item: 'Cloud Map instances', dollars: registered * PRICES.registeredInstance },
    {
      item: 'SSM: advanced parameters',
      dollars: (shards + definitionsParameterCount({ clusters: 1, shards })) * PRICES.advancedParameter,
    },
    { item: 'SSM: reads and writes', dollars: DAYS * accesses * PRICES.advancedParameterAccess },
    { item: 'SQS, mostly polls of empty queues', dollars: DAYS * sqs * PRICES.sqsRequest },
    { item: 'Lambda', dollars: DAYS * lambda },
    { item: 'SNS', dollars: DAYS * ANNOUNCEMENTS_PER_CHANGE * changesPerDay * PRICES.snsPublish },
    { item: 'CloudWatch metrics', dollars: METRICS * PRICES.customMetric },
    { item: 'CloudWatch alarms', dollars: alarmsOf(fleet) * PRICES.alarm },
    { item: 'CloudWatch dashboard', dollars: PRICES.dashboard },
  ];
}

/** The defaults in a cluster that exists, without a collector, while nothing happens. */
export const IDLE: Fleet = {
  services: 0,
  tasks: 0,
  changesPerDay: 0,
  registered: 0,
  collectors: 0,
  shards: 4,
  cloudMap: false,
};

/** Fargate tasks of the default size, 0.5 vCPU and 1 GB, arm64. */
export const collectorCost = ({ collectors }: Pick<Fleet, 'collectors'>): number =>
  collectors * HOURS * (0.5 * PRICES.arm.fargateCpuHour + PRICES.arm.fargateGigabyteHour);

export const total = (costs: readonly Cost[]): number => costs.reduce((sum, { dollars }) => sum + dollars, 0);
