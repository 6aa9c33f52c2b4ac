/** What a reader of a dashboard can choose. */
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** The Prometheus that is chosen at the top of the dashboard. */
export const DATA_SOURCE: DataSourceRef = { type: 'prometheus', uid: `\${datasource}` };

/** The CloudWatch that is chosen at the top of the dashboard. */
export const CLOUD_WATCH: DataSourceRef = { type: 'cloudwatch', uid: `\${cloudwatch}` };

/** Data sources of the kind Prometheus, which includes Amazon Managed Service for Prometheus. */
export const dataSourceVariable = () =>
  new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus');

export const cloudWatchVariable = () =>
  new DatasourceVariableBuilder('cloudwatch').label('CloudWatch').type('cloudwatch');

/**
 * The values of a label, any number of them or all.
 *
 * "All" is the expression `.*`, which a series without the label matches, too: a task that was started by itself, not
 * by a service, has no label `service`.
 *
 * @param series - PromQL selector of the series whose values are offered.
 */
export const labelVariable = (label: string, title: string, series: string) => {
  const query = `label_values(${series}, ${label})`;
  return new QueryVariableBuilder(label)
    .label(title)
    .datasource(DATA_SOURCE)
    .query({ query, refId: `Variable-${label}` })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
};
