/** The CloudWatch dashboard: is discovery fresh, does it lose anything, does it fit. */
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { METRICS } from '../../../functions/discovery/metric-names.ts';
import type { WatchedCluster } from '../watched-cluster.ts';
import { clusterSearch, DEFAULT_PERIOD, labelledMetric, type MetricName, NO_CLUSTER } from './metrics.ts';
import type { WatchedParts } from './watched-parts.ts';

export interface DashboardProps extends WatchedParts {
  /** Name of the dashboard in CloudWatch. */
  readonly dashboardName: string;
  /** Alarms whose state it shows; none: no such widget. */
  readonly alarms: readonly Alarm[];
}

/** CloudWatch's grid is 24 wide: three graphs a row. */
const WIDTH = 8;

const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: WIDTH, leftYAxis: { min: 0 } });

export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { clusters, alarms, dashboardName } = props;
    const dashboard = new CloudWatchDashboard(this, 'Resource', { dashboardName });
    if (alarms.length > 0)
      dashboard.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms: [...alarms], width: 24 }));
    for (const cluster of clusters) dashboard.addWidgets(...clusterGraphs(cluster));
    dashboard.addWidgets(...pathGraphs(props));
  }
}

function clusterGraphs({ clusterName }: WatchedCluster): GraphWidget[] {
  const byEvents = (name: MetricName) => labelledMetric(name, 'task-change', clusterName);
  const byResync = (name: MetricName) => labelledMetric(name, 'resync', clusterName);
  return [
    graph(`${clusterName}: freshness`, [byEvents(METRICS.eventAge)]),
    graph(`${clusterName}: targets`, [
      byResync(METRICS.targets),
      byEvents(METRICS.upserts),
      byEvents(METRICS.removals),
    ]),
    graph(`${clusterName}: fullest shard`, [byEvents(METRICS.fullness), byResync(METRICS.fullness)]),
    graph(`${clusterName}: races and throttles`, [byEvents(METRICS.conflicts), byEvents(METRICS.throttles)]),
    graph(`${clusterName}: what resync found`, [
      byResync(METRICS.drift),
      byResync(METRICS.held),
      byResync(METRICS.problems),
    ]),
    graph(`${clusterName}: skipped, by reason`, [clusterSearch(METRICS.skipped, clusterName)]),
  ];
}

function pathGraphs({ taskChange, resync, targetsChanged }: WatchedParts): GraphWidget[] {
  const period = DEFAULT_PERIOD;
  return [
    graph('Queues: age of the oldest message (s)', [
      taskChange.queue.metricApproximateAgeOfOldestMessage({ period, label: 'task changes' }),
      ...targetsChanged.queues.map((queue, index) =>
        queue.metricApproximateAgeOfOldestMessage({ period, label: `collector ${index}` }),
      ),
    ]),
    graph('Put aside and tried again', [
      labelledMetric(METRICS.poison, 'task-change', NO_CLUSTER),
      labelledMetric(METRICS.retried, 'task-change', NO_CLUSTER),
      taskChange.deadLetters.metricApproximateNumberOfMessagesVisible({ period, label: 'dead letters' }),
    ]),
    graph('Functions', [
      taskChange.function.metricErrors({ period, label: 'task-change errors' }),
      resync.function.metricErrors({ period, label: 'resync errors' }),
      taskChange.function.metricDuration({ period, statistic: 'p99', label: 'task-change duration, p99 (ms)' }),
    ]),
  ];
}
