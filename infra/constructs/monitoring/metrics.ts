/** The metrics of a deployment, each described once; the alarms and the dashboard read them from here. */
import { Duration } from 'aws-cdk-lib';
import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { DIMENSIONS, METRICS, METRICS_NAMESPACE } from '../../../functions/discovery/metric-names.ts';

/** The stage that publishes a metric: the value of the dimension `service`. */
export type StageName = 'observe' | 'store' | 'register' | 'resync';

export type MetricName = (typeof METRICS)[keyof typeof METRICS];

/** How each metric adds up over time, and what a person calls it. */
const DESCRIPTIONS: Readonly<Record<MetricName, { readonly statistic: string; readonly label: string }>> = {
  [METRICS.eventAge]: { statistic: Stats.p(99), label: 'age of a task change when it was announced, p99 (ms)' },
  [METRICS.targets]: { statistic: Stats.MAXIMUM, label: 'targets' },
  [METRICS.upserts]: { statistic: Stats.SUM, label: 'targets added or changed' },
  [METRICS.removals]: { statistic: Stats.SUM, label: 'targets removed' },
  [METRICS.conflicts]: { statistic: Stats.SUM, label: 'writes that another writer was ahead of' },
  [METRICS.throttles]: { statistic: Stats.SUM, label: 'throttled requests' },
  [METRICS.skipped]: { statistic: Stats.SUM, label: 'tasks skipped' },
  [METRICS.drift]: { statistic: Stats.SUM, label: 'tasks that resync repaired' },
  [METRICS.held]: { statistic: Stats.SUM, label: 'removals that resync held back' },
  [METRICS.problems]: { statistic: Stats.SUM, label: 'what resync could not read or write' },
  [METRICS.fullness]: { statistic: Stats.MAXIMUM, label: 'fullest shard (%)' },
  [METRICS.poison]: { statistic: Stats.SUM, label: 'malformed messages put aside' },
  [METRICS.retried]: { statistic: Stats.SUM, label: 'messages tried again' },
};

export const DEFAULT_PERIOD = Duration.minutes(5);

/** A metric as one of the stages publishes it: of a cluster, or of the stage where none is named. */
export const stageMetric = (name: MetricName, stage: StageName, deployment: string, cluster?: string): Metric =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName: name,
    dimensionsMap: {
      service: stage,
      [DIMENSIONS.deployment]: deployment,
      ...(cluster !== undefined && { [DIMENSIONS.cluster]: cluster }),
    },
    period: DEFAULT_PERIOD,
    statistic: DESCRIPTIONS[name].statistic,
  });

/** The same with its name for people. Not for alarms: a label makes CDK write an alarm on a metric expression. */
export const labelledMetric = (name: MetricName, stage: StageName, deployment: string, cluster?: string): Metric =>
  stageMetric(name, stage, deployment, cluster).with({ label: DESCRIPTIONS[name].label });

/** All series of a metric that is broken down further, such as {@link METRICS.skipped} by reason. */
export const reasonSearch = (name: MetricName, deployment: string, cluster: string): MathExpression =>
  new MathExpression({
    expression: `SEARCH('{${METRICS_NAMESPACE},service,${DIMENSIONS.deployment},${DIMENSIONS.cluster},${DIMENSIONS.reason}} MetricName="${name}" ${DIMENSIONS.deployment}="${deployment}" ${DIMENSIONS.cluster}="${cluster}"', '${DESCRIPTIONS[name].statistic}')`,
    label: '',
    period: DEFAULT_PERIOD,
  });
