/** The look that all panels share, so that a dashboard says only what is shown and why. */
import {
  BigValueColorMode,
  BigValueGraphMode,
  LegendDisplayMode,
  LegendPlacement,
  ReduceDataOptionsBuilder,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { MappingType, ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder as StatPanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as TablePanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeriesPanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { DATA_SOURCE } from './variables.ts';

/** Grafana's grid is this many units wide. */
const FULL_WIDTH = 24;

export interface Query {
  /** PromQL, with the dashboard's variables. */
  readonly expr: string;
  /** Name of a series: `{{label}}` is replaced by the label's value. */
  readonly legend?: string;
}

interface PanelOptions {
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

const targetOf = ({ expr, legend }: Query, index: number): DataqueryBuilder =>
  new DataqueryBuilder()
    .refId(String.fromCharCode('A'.charCodeAt(0) + index))
    .datasource(DATA_SOURCE)
    .editorMode(QueryEditorMode.Code)
    .range()
    .expr(expr)
    .legendFormat(legend ?? '');

export interface GraphOptions extends PanelOptions {
  /** Largest value of the axis; the smallest is always 0. */
  readonly max?: number;
  /** Fills the area below the lines, in percent. @default 10 */
  readonly fill?: number;
}

/** Lines over time; the legend is a table with the newest, the mean and the largest value, the largest mean first. */
export const graph = (options: GraphOptions): TimeSeriesPanelBuilder => {
  const panel = new TimeSeriesPanelBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(DATA_SOURCE)
    .unit(options.unit)
    .min(0)
    .span(options.width)
    .height(8)
    .fillOpacity(options.fill ?? 10)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .showLegend(true)
        .calcs(['lastNotNull', 'mean', 'max'])
        .sortBy('Mean')
        .sortDesc(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending))
    .targets(options.queries.map(targetOf));
  if (options.max !== undefined) panel.max(options.max);
  if (options.noValue !== undefined) panel.noValue(options.noValue);
  return panel;
};

export interface FigureOptions extends PanelOptions {
  /** From these values on it is orange and red. @default it has no colour */
  readonly limits?: { readonly orange?: number; readonly red: number };
  readonly decimals?: number;
}

/** One figure: the newest value, with its course behind it. */
export const figure = (options: FigureOptions): StatPanelBuilder => {
  const { limits } = options;
  const steps = [
    { value: null, color: limits === undefined ? 'text' : 'green' },
    ...(limits?.orange === undefined ? [] : [{ value: limits.orange, color: 'orange' }]),
    ...(limits === undefined ? [] : [{ value: limits.red, color: 'red' }]),
  ];
  const panel = new StatPanelBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(DATA_SOURCE)
    .unit(options.unit)
    .span(options.width)
    .height(4)
    .colorMode(BigValueColorMode.Value)
    .graphMode(BigValueGraphMode.Area)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']))
    .thresholds(new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps))
    .targets(options.queries.map(targetOf));
  if (options.decimals !== undefined) panel.decimals(options.decimals);
  if (options.noValue !== undefined) panel.noValue(options.noValue);
  return panel;
};

export interface ListOptions extends Omit<PanelOptions, 'queries' | 'width' | 'unit'> {
  /** One row a series, as it is now. */
  readonly expr: string;
  /** Labels that are shown as columns, in this order, with the headings of their columns. */
  readonly columns: Readonly<Record<string, string>>;
  /** Heading of the value's column, and the words and colours that its values are shown as. */
  readonly value: { readonly heading: string; readonly words: Readonly<Record<string, readonly [string, string]>> };
}

/** A table of the series as they are now. */
export const list = (options: ListOptions): TablePanelBuilder => {
  const names = ['Value', ...Object.keys(options.columns)];
  const words = Object.fromEntries(
    Object.entries(options.value.words).map(([value, [text, color]], index) => [value, { text, color, index }]),
  );
  const panel = new TablePanelBuilder()
    .title(options.title)
    .description(options.description)
    .datasource(DATA_SOURCE)
    .span(FULL_WIDTH)
    .height(9)
    .filterable(true)
    .withTarget(
      new DataqueryBuilder()
        .refId('A')
        .datasource(DATA_SOURCE)
        .editorMode(QueryEditorMode.Code)
        .expr(options.expr)
        .format(PromQueryFormat.Table)
        .instant(),
    )
    .withTransformation({
      id: 'organize',
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(names.map((name, index) => [name, index])),
        renameByName: { ...options.columns, Value: options.value.heading },
      },
    })
    .overrideByName(options.value.heading, [
      { id: 'mappings', value: [{ type: MappingType.ValueToText, options: words }] },
      { id: 'custom.cellOptions', value: { type: 'color-text' } },
    ]);
  if (options.noValue !== undefined) panel.noValue(options.noValue);
  return panel;
};
