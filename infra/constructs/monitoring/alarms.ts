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
import { clusterId, type WatchedCluster } from '../watched-cluster.ts';
import { clusterMetric } from './metrics.ts';
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
      ...Object.assign({}, ...props.clusters.map(clusterConditions)),
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

function queueConditions({ taskChange, resync, targetsChanged }: WatchedParts): Record<string, Condition> {
  const unread = targetsChanged.queues.map((queue, index): [string, Condition] => [
    `Collector${index}Behind`,
    {
      metric: queue.metricApproximateAgeOfOldestMessage({ period: Duration.minutes(1), statistic: Stats.MAXIMUM }),
      threshold: 120,
      periods: 3,
      description: `Nobody reads the queue of collector ${index}: its target-sync is down or cannot reach SQS, and the collector scrapes the targets it had. Look at the health and the logs of the container target-sync.`,
    },
  ]);
  return {
    TaskChangeDeadLetters: {
      metric: waiting(taskChange.deadLetters),
      threshold: 1,
      description:
        'Task changes ended in the dead-letter queue. Read the message attribute "reason" and the logs of the task-change function; when the cause is gone, start a redrive of the queue. Until then the next resync repairs the targets.',
    },
    TaskChangesUndelivered: {
      metric: waiting(taskChange.undelivered),
      threshold: 1,
      description:
        'EventBridge could not put task changes into the queue: somebody changed the policy of the queue or deleted it. Deploy the stack again, then invoke the resync function.',
    },
    TargetsChangedUndelivered: {
      metric: waiting(targetsChanged.deadLetters),
      threshold: 1,
      description:
        'EventBridge could not tell a collector that targets changed; it sees them at its next refresh, minutes late. Deploy the stack again if the policy of its queue was changed.',
    },
    ResyncDeadLetters: {
      metric: waiting(resync.deadLetters),
      threshold: 1,
      description:
        'A resync failed twice, so that what events missed stays as it is. Read the logs of the resync function, invoke it by hand with {"dryRun": true} to see the state, then purge this queue.',
    },
    ...Object.fromEntries(unread),
  };
}

function functionConditions({ taskChange, resync }: WatchedParts): Record<string, Condition> {
  return {
    TaskChangeErrors: {
      metric: taskChange.function.metricErrors({ period: Duration.minutes(5) }),
      threshold: 1,
      periods: 3,
      description:
        'The task-change function has failed for a quarter of an hour: targets are held as they are, new tasks are not scraped. Read its logs; events wait in the queue for four days.',
    },
    ResyncErrors: {
      metric: resync.function.metricErrors({ period: Duration.minutes(5) }),
      threshold: 1,
      description:
        'A resync failed. Nothing was removed because of that. Read the logs of the resync function, then invoke it again.',
    },
  };
}

function clusterConditions(cluster: WatchedCluster): Record<string, Condition> {
  const { clusterName } = cluster;
  const id = clusterId(cluster);
  const shardFull = (publisher: 'task-change' | 'resync'): Condition => ({
    metric: clusterMetric(METRICS.fullness, publisher, clusterName),
    threshold: 85,
    description: `A shard of cluster ${clusterName} is nearly full; when it is full, new tasks are not scraped. Raise the setting "shards" (or set shardTier to Advanced), deploy, and invoke the resync function.`,
  });
  return {
    [`${id}EventAge`]: {
      metric: clusterMetric(METRICS.eventAge, 'task-change', clusterName),
      threshold: Duration.seconds(30).toMilliseconds(),
      periods: 3,
      description: `Targets of cluster ${clusterName} follow its tasks more than 30 s late. Look at Throttles and RecordsRetried on the dashboard: if SSM throttles, turn on its higher throughput; otherwise read the logs of the task-change function.`,
    },
    [`${id}Drift`]: {
      metric: clusterMetric(METRICS.drift, 'resync', clusterName),
      threshold: 1,
      description: `Resync had to repair targets of cluster ${clusterName}: events were lost or failed. Expected once after the first deployment and after a change of "shards" or "scrapeRules"; otherwise look at the dead-letter queues and the logs of the task-change function.`,
    },
    [`${id}RemovalsHeld`]: {
      metric: clusterMetric(METRICS.held, 'resync', clusterName),
      threshold: 1,
      description: `Resync wanted to remove more targets of cluster ${clusterName} than resyncRemovalLimitPercent allows, and kept them. If those tasks really are gone, invoke it with {"cluster": "${clusterName}", "force": true}.`,
    },
    [`${id}ResyncProblems`]: {
      metric: clusterMetric(METRICS.problems, 'resync', clusterName),
      threshold: 1,
      description: `Resync could not read or write something of cluster ${clusterName}; that stays as it was. Read "problems" in the line "resync" of its logs and invoke it again with {"cluster": "${clusterName}"}: what is still named there needs you.`,
    },
    [`${id}ShardFull`]: shardFull('task-change'),
    [`${id}ShardFullAtResync`]: shardFull('resync'),
  };
}
