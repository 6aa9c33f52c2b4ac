import { DataqueryBuilder, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';
import { DATA_SOURCE } from '../variables.ts';

/** Grafana's grid is this many units wide. */
export const FULL_WIDTH = 24;

export interface Query {
  /** PromQL, with the dashboard's variables. */
  readonly expr: string;
  /** Name of a series: `{{label}}` is replaced by the label's value. */
  readonly legend?: string;
}

/** What all kinds of panels are said. */
export interface PanelOptions {
  readonly title: string;
  /** What it shows, as far as the title does not say it, and what to do when it looks bad. */
  readonly description: string;
  /** Grafana's name of a unit, such as `reqps`, `ms`, `percentunit`. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Width in units of the grid, which is 24 wide. */
  readonly width: number;
  /** Shown when there is no data at all. */
  readonly noValue?: string;
}

/** A query over the time that the dashboard shows. */
export const rangeQuery = ({ expr, legend }: Query, index: number): DataqueryBuilder =>
  new DataqueryBuilder()
    .refId(String.fromCharCode('A'.charCodeAt(0) + index))
    .datasource(DATA_SOURCE)
    .editorMode(QueryEditorMode.Code)
    .range()
    .expr(expr)
    .legendFormat(legend ?? '');
