/** What a deployment costs a month, from the size of a fleet. Every quantity is an upper bound that a formula gives. */
import { definitionsParameterCount } from '../../functions/discovery/names.ts';
import { type Fleet, REFRESHES, RESYNCS } from './fleet.ts';
import { HOURS, PRICES } from './prices.ts';

const DAYS = 30;
/** Events of ECS that are looked at: two of a start (RUNNING), four of a stop. */
const EVENTS_PER_CHANGE = 3;

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
const CUSTOM_METRICS = 11;
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
  const refreshes = collectors === 0 ? 0 : REFRESHES * shards + changesPerDay;
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
    { item: 'CloudWatch metrics', dollars: CUSTOM_METRICS * PRICES.customMetric },
    { item: 'CloudWatch alarms', dollars: alarmsOf(fleet) * PRICES.alarm },
    { item: 'CloudWatch dashboard', dollars: PRICES.dashboard },
  ];
}

/** Fargate tasks of the default size, 0.5 vCPU and 1 GB, arm64. */
export const collectorCost = ({ collectors }: Pick<Fleet, 'collectors'>): number =>
  collectors * HOURS * (0.5 * PRICES.arm.fargateCpuHour + PRICES.arm.fargateGigabyteHour);

export const total = (costs: readonly Cost[]): number => costs.reduce((sum, { dollars }) => sum + dollars, 0);
