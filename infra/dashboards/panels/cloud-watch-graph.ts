import {
  MetricEditorMode,
  MetricQueryType,
  MetricsQueryBuilder,
  QueryMode,
} from '@grafana/grafana-foundation-sdk/cloudwatch';
import { VisibilityMode } from '@grafana/grafana-foundation-sdk/common';
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { CLOUD_WATCH } from '../variables.ts';
import { emptyGraph, type GraphOptions } from './graph.ts';

export interface CloudWatchGraphOptions extends Omit<GraphOptions, 'queries'> {
  readonly namespace: string;
  readonly metric: string;
  /** Such as `Sum`. */
  readonly statistic: string;
  /** One series for each combination of their values. A metric may have others besides. */
  readonly dimensions: readonly string[];
  /** How far back it looks, whatever the dashboard shows: for metrics that come every few hours. Such as `24h`. */
  readonly timeFrom: string;
}

/** Points over time from CloudWatch. */
export const cloudWatchGraph = (options: CloudWatchGraphOptions): PanelBuilder =>
  emptyGraph(options)
    .datasource(CLOUD_WATCH)
    .showPoints(VisibilityMode.Always)
    .pointSize(7)
    .timeFrom(options.timeFrom)
    .withTarget(
      new MetricsQueryBuilder()
        .refId('A')
        .datasource(CLOUD_WATCH)
        .queryMode(QueryMode.Metrics)
        .metricQueryType(MetricQueryType.Search)
        .metricEditorMode(MetricEditorMode.Builder)
        .id('')
        .expression('')
        .region('default')
        .namespace(options.namespace)
        .metricName(options.metric)
        .dimensions(Object.fromEntries(options.dimensions.map((name) => [name, '*'])))
        .matchExact(false)
        .statistic(options.statistic)
        .period('')
        .label(options.dimensions.map((name) => `\${PROP('Dim.${name}')}`).join(', ')),
    );
