/** CloudWatch alarms. Each description says what is wrong and what to do about it. */
import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  type IMetric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { METRICS } from '../../../functions/discovery/metric-names.ts';
import type { DiscoveryFunction } from '../discovery-function.ts';
import { clusterId, clusterKey, type WatchedCluster } from '../watched-cluster.ts';
import { stageMetric } from './metrics.ts';
import type { WatchedParts } from './watched-parts.ts';

export interface AlarmsProps extends WatchedParts {
  /**
   * Who is told when an alarm goes on.
   * @default - nobody: the alarms only show their state
   */
  readonly action?: IAlarmAction | undefined;
}

interface Condition {
  readonly metric: IMetric;
  /** The alarm goes on at this value. */
  readonly threshold: number;
  /**
   * For how many periods in a row.
   * @default 1
   */
  readonly periods?: number;
  readonly description: string;
}

export class Alarms extends Construct {
  /** All alarms, by their construct id. */
  readonly all: readonly Alarm[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const conditions = {
      ...queueConditions(props),
      ...functionConditions(props),
      ...Object.assign({}, ...props.clusters.map((cluster) => clusterConditions(props.deployment, cluster))),
    } satisfies Record<string, Condition>;
    this.all = Object.entries<Condition>(conditions).map(([name, condition]) => this.#alarm(name, condition, props));
  }

  #alarm(id: string, { metric, threshold, periods = 1, description }: Condition, { action }: AlarmsProps): Alarm {
    const alarm = new Alarm(this, id, {
      metric,
      threshold,
      evaluationPeriods: periods,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      // Nothing happens, nothing is published: silence is the calm case.
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: description,
    });
    if (action !== undefined) alarm.addAlarmAction(action);
    return alarm;
  }
}

const waiting = (queue: Queue): IMetric =>
  queue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: Stats.MAXIMUM });

const oldest = (queue: Queue): IMetric =>
  queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1), statistic: Stats.MAXIMUM });

function queueConditions(parts: WatchedParts): Record<string, Condition> {
  const { observe, resync, targetsChanged } = parts;
  const unread = targetsChanged.queues.map((queue, index): [string, Condition] => [
    `Collector${index}Behind`,
    {
      metric: oldest(queue),
      threshold: 120,
      periods: 3,
      description: `Nobody reads the queue of collector ${index}: its target-sync is down or cannot reach SQS, and the collector scrapes the targets it had. Look at the health and the logs of the container target-sync.`,
    },
  ]);
  return {
    TaskChangesUndelivered: {
      metric: waiting(observe.undelivered),
      threshold: 1,
      description:
        'EventBridge could not put task changes into their queues: somebody changed the policy of a queue or deleted it. Deploy the stack again, then invoke the resync function.',
    },
    ChangesUndelivered: {
      metric: waiting(targetsChanged.undelivered),
      threshold: 1,
      description:
        'SNS could not deliver a change of targets to a queue: somebody changed the policy of the queue or deleted it. Deploy the stack again, then invoke the resync function.',
    },
    ResyncDeadLetters: {
      metric: waiting(resync.deadLetters),
      threshold: 1,
      description:
        'A resync failed twice, so that what events missed stays as it is. Read the logs of the resync function, invoke it by hand with {"dryRun": true} to see the state, then purge this queue.',
    },
    ...Object.assign({}, ...stagesOf(parts).map(stageConditions)),
    ...Object.fromEntries(unread),
  };
}

interface Stage {
  /** Construct id. */
  readonly id: string;
  /** Name of its function in logs and metrics. */
  readonly name: string;
  readonly function: DiscoveryFunction;
  readonly deadLetters: Queue;
  readonly queues: readonly Queue[];
  /** What does not happen while it is behind. */
  readonly consequence: string;
}

function stagesOf({ observe, store, register }: WatchedParts): Stage[] {
  return [
    {
      ...{ id: 'Observe', name: 'observe', function: observe.function, deadLetters: observe.deadLetters },
      queues: [observe.stops, observe.runs],
      consequence: 'targets stay as they are, and new tasks are not scraped',
    },
    {
      ...{ id: 'Store', name: 'store', function: store.function, deadLetters: store.deadLetters },
      queues: [store.queue],
      consequence: 'target files are right, but a collector that starts now reads an old configuration',
    },
    ...(register === undefined
      ? []
      : [
          {
            ...{ id: 'Register', name: 'register', function: register.function, deadLetters: register.deadLetters },
            queues: [register.queue],
            consequence: 'instances in Cloud Map are not those of the tasks',
          },
        ]),
  ];
}

/** A stage that fails shows in the age of what waits for it; its errors are in its logs. */
const stageConditions = ({ id, name, deadLetters, queues, consequence }: Stage): Record<string, Condition> => ({
  [`${id}DeadLetters`]: {
    metric: waiting(deadLetters),
    threshold: 1,
    description: `Messages for the ${name} function ended in its dead-letter queue. Read the message attribute "reason" and the logs of the function; when the cause is gone, start a redrive of the queue. Until then the next resync repairs what they said.`,
  },
  ...Object.fromEntries(
    queues.map((queue) => [
      `${queue.node.id === 'Changes' ? id : queue.node.id}Behind`,
      {
        metric: oldest(queue),
        threshold: 300,
        periods: 3,
        description: `The ${name} function is five minutes behind: ${consequence}. Nothing is lost, messages wait for four days. Read its logs, and whether AWS throttles or fails.`,
      },
    ]),
  ),
});

function functionConditions({ resync }: WatchedParts): Record<string, Condition> {
  return {
    ResyncErrors: {
      metric: resync.function.metricErrors({ period: Duration.minutes(5) }),
      threshold: 1,
      description:
        'A resync failed. Nothing was removed because of that. Read the logs of the resync function, then invoke it again.',
    },
  };
}

function clusterConditions(deployment: string, cluster: WatchedCluster): Record<string, Condition> {
  const name = clusterKey(cluster);
  const id = clusterId(cluster);
  return {
    [`${id}EventAge`]: {
      metric: stageMetric(METRICS.eventAge, 'observe', deployment, name),
      threshold: Duration.seconds(30).toMilliseconds(),
      periods: 3,
      description: `Changes of tasks of cluster ${name} are announced more than 30 s late. Look at MessagesRetried on the dashboard and read the logs of the observe function: ECS or Cloud Map throttles or fails, or IAM denies.`,
    },
    [`${id}Drift`]: {
      metric: stageMetric(METRICS.drift, 'resync', deployment, name),
      threshold: 1,
      description: `Resync had to repair targets of cluster ${name}: events were lost or failed. Expected once after the first deployment and after a change of "shards" or "scrapeRules"; otherwise look at the dead-letter queues and the logs of the observe and store functions.`,
    },
    [`${id}RemovalsHeld`]: {
      metric: stageMetric(METRICS.held, 'resync', deployment, name),
      threshold: 1,
      description: `Resync wanted to remove more targets of cluster ${name} than resyncRemovalLimitPercent allows, and kept them. If those tasks really are gone, invoke it with {"cluster": "${name}", "force": true}.`,
    },
    [`${id}ResyncProblems`]: {
      metric: stageMetric(METRICS.problems, 'resync', deployment, name),
      threshold: 1,
      description: `Resync could not read or write something of cluster ${name}; that stays as it was. Read "problems" in the line "resync" of its logs and invoke it again with {"cluster": "${name}"}: what is still named there needs you.`,
    },
    [`${id}ShardFull`]: {
      metric: stageMetric(METRICS.fullness, 'store', deployment, name),
      threshold: 85,
      description: `A shard of cluster ${name} is nearly full; when it is full, new tasks are not scraped. Raise the setting "shards" (or set shardTier to Advanced), deploy, and invoke the resync function.`,
    },
  };
}
