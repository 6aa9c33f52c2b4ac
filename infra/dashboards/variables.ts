/** What a reader of a dashboard can choose. */
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import {
  DatasourceVariableBuilder,
  IntervalVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';

/** The data source that is chosen at the top of the dashboard. */
export const DATA_SOURCE: DataSourceRef = { type: 'prometheus', uid: `\${datasource}` };

/** Data sources of the kind Prometheus, which includes Amazon Managed Service for Prometheus. */
export const dataSourceVariable = () =>
  new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus');

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
    .definition(query)
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc)
    .multi(true)
    .includeAll(true)
    .allValue('.*')
    .current({ selected: true, text: ['All'], value: ['$__all'] });
};

const WINDOWS = ['1m', '5m', '15m', '1h'];
const DEFAULT_WINDOW = '5m';

/** How far back rates look. It is a choice, not Grafana's `$__rate_interval`, so that figures mean the same anywhere. */
export const windowVariable = () =>
  new IntervalVariableBuilder('window')
    .label('Rates over')
    .description('How far back a rate looks. At least four scrapes should fall into it.')
    .values(WINDOWS.join(','))
    .options(WINDOWS.map((window) => ({ text: window, value: window, selected: window === DEFAULT_WINDOW })))
    .current({ text: DEFAULT_WINDOW, value: DEFAULT_WINDOW, selected: true });
