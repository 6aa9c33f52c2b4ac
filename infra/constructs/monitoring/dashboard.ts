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
import { clusterKey, type WatchedCluster } from '../watched-cluster.ts';
import { DEFAULT_PERIOD, labelledMetric, type MetricName, reasonSearch, type StageName } from './metrics.ts';
import type { WatchedParts } from './watched-parts.ts';

export interface DashboardProps extends WatchedParts {
  /** Name of the dashboard in CloudWatch. */
  readonly dashboardName: string;
  /** Alarms whose state it shows; none: no such widget. */
  readonly alarms: readonly Alarm[];
}

/** Most alarms of one widget (CloudWatch API reference, "Dashboard body structure"). */
const ALARMS_PER_WIDGET = 100;

/** CloudWatch's grid is 24 wide: three graphs a row. */
const WIDTH = 8;

const graph = (title: string, left: IMetric[]) => new GraphWidget({ title, left, width: WIDTH, leftYAxis: { min: 0 } });

export class Dashboard extends Construct {
  readonly dashboard: CloudWatchDashboard;

  constructor(scope: Construct, id: string, props: DashboardProps) {
    super(scope, id);
    const { clusters, alarms, dashboardName } = props;
    const dashboard = new CloudWatchDashboard(this, 'Resource', { dashboardName });
    this.dashboard = dashboard;
    for (let first = 0; first < alarms.length; first += ALARMS_PER_WIDGET) {
      const some = alarms.slice(first, first + ALARMS_PER_WIDGET);
      dashboard.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms: some, width: 24 }));
    }
    for (const cluster of clusters) dashboard.addWidgets(...clusterGraphs(props.deployment, cluster));
    dashboard.addWidgets(...pathGraphs(props));
  }
}

function clusterGraphs(deployment: string, cluster: WatchedCluster): GraphWidget[] {
  const name = clusterKey(cluster);
  const by = (stage: StageName) => (metric: MetricName) => labelledMetric(metric, stage, deployment, name);
  const [byObserve, byStore, byResync] = [by('observe'), by('store'), by('resync')];
  return [
    graph(`${name}: freshness`, [byObserve(METRICS.eventAge)]),
    graph(`${name}: targets`, [byResync(METRICS.targets), byObserve(METRICS.upserts), byObserve(METRICS.removals)]),
    graph(`${name}: fullest shard`, [byStore(METRICS.fullness)]),
    graph(`${name}: races and throttles`, [byStore(METRICS.conflicts), byStore(METRICS.throttles)]),
    graph(`${name}: what resync found`, [byResync(METRICS.drift), byResync(METRICS.held), byResync(METRICS.problems)]),
    graph(`${name}: skipped, by reason`, [reasonSearch(METRICS.skipped, deployment, name)]),
  ];
}

function pathGraphs({ deployment, observe, store, register, resync, targetsChanged }: WatchedParts): GraphWidget[] {
  const period = DEFAULT_PERIOD;
  const stages = { observe, store, ...(register && { register }) };
  return [
    graph('Queues: age of the oldest message (s)', [
      observe.stops.metricApproximateAgeOfOldestMessage({ period, label: 'stops' }),
      observe.runs.metricApproximateAgeOfOldestMessage({ period, label: 'runs' }),
      store.queue.metricApproximateAgeOfOldestMessage({ period, label: 'store' }),
      ...(register ? [register.queue.metricApproximateAgeOfOldestMessage({ period, label: 'register' })] : []),
      ...targetsChanged.queues.map((queue, index) =>
        queue.metricApproximateAgeOfOldestMessage({ period, label: `collector ${index}` }),
      ),
    ]),
    graph('Put aside and tried again', [
      ...Object.entries(stages).flatMap(([name, stage]) => [
        labelledMetric(METRICS.retried, name as StageName, deployment).with({ label: `${name}: tried again` }),
        stage.deadLetters.metricApproximateNumberOfMessagesVisible({ period, label: `${name}: dead letters` }),
      ]),
    ]),
    graph('Functions', [
      ...Object.entries({ ...stages, resync }).map(([name, stage]) =>
        stage.function.metricErrors({ period, label: `${name} errors` }),
      ),
      observe.function.metricDuration({ period, statistic: 'p99', label: 'observe duration, p99 (ms)' }),
    ]),
  ];
}
