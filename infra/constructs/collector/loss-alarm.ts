/** Says that a collector lost data. Its own metrics do, too, but take the way that is broken; its log does not. */
import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  type IAlarmAction,
  Metric,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, type ILogGroup, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { METRICS_NAMESPACE } from '../../../functions/discovery/metric-names.ts';
import { LOSS_PHRASES } from './loss-phrases.ts';

export interface LossAlarmProps {
  /** Name of the collector: of its ECS service. */
  readonly collectorName: string;
  /** Where the collector's container logs to. */
  readonly logGroup: ILogGroup;
  /**
   * Who is told when the alarm goes on.
   * @default - nobody: the alarm only shows its state
   */
  readonly action?: IAlarmAction | undefined;
}

/** Lines of a collector's log that say so, a minute. A metric filter has no constant dimension, so the name holds it. */
const metricName = (collectorName: string): string => `DataLost-${collectorName}`;

export class LossAlarm extends Construct {
  readonly alarm: Alarm;

  constructor(scope: Construct, id: string, { collectorName, logGroup, action }: LossAlarmProps) {
    super(scope, id);
    new MetricFilter(this, 'Filter', {
      logGroup,
      filterPattern: FilterPattern.anyTerm(...LOSS_PHRASES),
      metricNamespace: METRICS_NAMESPACE,
      metricName: metricName(collectorName),
    });
    this.alarm = new Alarm(this, 'LosesData', {
      metric: new Metric({
        namespace: METRICS_NAMESPACE,
        metricName: metricName(collectorName),
        period: Duration.minutes(1),
        statistic: Stats.SUM,
      }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      alarmDescription: `Collector ${collectorName} lost metrics: the workspace refused them or did not take them in time, or the task has too little memory. Read the lines of its log with "Dropping data", "Rejecting data" or "Refusing data" (docs/operations.md, "Data is lost").`,
    });
    if (action !== undefined) this.alarm.addAlarmAction(action);
  }
}
