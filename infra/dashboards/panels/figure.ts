import { BigValueColorMode, BigValueGraphMode, ReduceDataOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import { ThresholdsConfigBuilder, ThresholdsMode } from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/stat';
import { DATA_SOURCE } from '../variables.ts';
import { type PanelOptions, rangeQuery } from './panel-options.ts';

export interface FigureOptions extends PanelOptions {
  /** From these values on it is orange and red. @default it has no colour */
  readonly limits?: { readonly orange?: number; readonly red: number };
  readonly decimals?: number;
}

/** One figure: the newest value, with its course behind it. */
export const figure = (options: FigureOptions): PanelBuilder => {
  const { limits } = options;
  const steps = [
    { value: null, color: limits === undefined ? 'text' : 'green' },
    ...(limits?.orange === undefined ? [] : [{ value: limits.orange, color: 'orange' }]),
    ...(limits === undefined ? [] : [{ value: limits.red, color: 'red' }]),
  ];
  const panel = new PanelBuilder()
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
    .targets(options.queries.map(rangeQuery));
  if (options.decimals !== undefined) panel.decimals(options.decimals);
  if (options.noValue !== undefined) panel.noValue(options.noValue);
  return panel;
};
