import {
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { DATA_SOURCE } from '../variables.ts';
import { type PanelOptions, rangeQuery } from './panel-options.ts';

export interface GraphOptions extends PanelOptions {
  /** Largest value of the axis; the smallest is always 0. */
  readonly max?: number;
  /** Fills the area below the lines, in percent. @default 10 */
  readonly fill?: number;
}

/** Lines over time without queries yet; the legend is a table with the newest, the mean and the largest value. */
export const emptyGraph = (options: Omit<GraphOptions, 'queries'>): PanelBuilder => {
  const panel = new PanelBuilder()
    .title(options.title)
    .description(options.description)
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
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (options.max !== undefined) panel.max(options.max);
  if (options.noValue !== undefined) panel.noValue(options.noValue);
  return panel;
};

/** Lines over time, the largest mean first in the legend. */
export const graph = (options: GraphOptions): PanelBuilder =>
  emptyGraph(options).datasource(DATA_SOURCE).targets(options.queries.map(rangeQuery));
