/** The metrics of a deployment, each described once; the alarms and the dashboard read them from here. */
import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { DIMENSIONS, METRICS, METRICS_NAMESPACE } from '../../../functions/discovery/metric-names.ts';

/** The function that publishes a metric: the value of the dimension `service`. */
export type Publisher = 'task-change' | 'resync';

export type MetricName = (typeof METRICS)[keyof typeof METRICS];

/** How each metric adds up over time, and what a person calls it. */
const DESCRIPTIONS: Readonly<Record<MetricName, { readonly statistic: string; readonly label: string }>> = {
  [METRICS.eventAge]: { statistic: Stats.p(99), label: 'age of a task change when its targets were written, p99 (ms)' },
  [METRICS.targets]: { statistic: Stats.MAXIMUM, label: 'targets' },
  [METRICS.upserts]: { statistic: Stats.SUM, label: 'targets added or changed' },
  [METRICS.removals]: { statistic: Stats.SUM, label: 'targets removed' },
  [METRICS.conflicts]: { statistic: Stats.SUM, label: 'shard conflicts merged' },
  [METRICS.throttles]: { statistic: Stats.SUM, label: 'throttled requests' },
  [METRICS.skipped]: { statistic: Stats.SUM, label: 'tasks skipped' },
  [METRICS.drift]: { statistic: Stats.SUM, label: 'tasks that resync repaired' },
  [METRICS.held]: { statistic: Stats.SUM, label: 'removals that resync held back' },
  [METRICS.problems]: { statistic: Stats.SUM, label: 'what resync could not read or write' },
  [METRICS.fullness]: { statistic: Stats.MAXIMUM, label: 'fullest shard (%)' },
  [METRICS.poison]: { statistic: Stats.SUM, label: 'malformed events put aside' },
  [METRICS.retried]: { statistic: Stats.SUM, label: 'records tried again' },
};

export const DEFAULT_PERIOD = Duration.minutes(5);

/** Value of the dimension `cluster` for a message that names none, or that could not be read. */
export const NO_CLUSTER = 'unknown';

/** A metric of one cluster, as one of the functions publishes it. */
export const clusterMetric = (name: MetricName, publisher: Publisher, cluster: string): Metric =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName: name,
    dimensionsMap: { service: publisher, [DIMENSIONS.cluster]: cluster },
    period: DEFAULT_PERIOD,
    statistic: DESCRIPTIONS[name].statistic,
  });

/** The same with its name for people. Not for alarms: a label makes CDK write an alarm on a metric expression. */
export const labelledMetric = (name: MetricName, publisher: Publisher, cluster: string): Metric =>
  clusterMetric(name, publisher, cluster).with({ label: DESCRIPTIONS[name].label });

/** All series of a metric that is broken down further, such as {@link METRICS.skipped} by reason. */
export const clusterSearch = (name: MetricName, cluster: string): MathExpression =>
  new MathExpression({
    expression: `SEARCH('{${METRICS_NAMESPACE},service,${DIMENSIONS.cluster},${DIMENSIONS.reason}} MetricName="${name}" ${DIMENSIONS.cluster}="${cluster}"', '${DESCRIPTIONS[name].statistic}')`,
    label: '',
    period: DEFAULT_PERIOD,
  });
