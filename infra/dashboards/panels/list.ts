import { MappingType } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder, PromQueryFormat, QueryEditorMode } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/table';
import { DATA_SOURCE } from '../variables.ts';
import { FULL_WIDTH, type PanelOptions } from './panel-options.ts';

/** The column of the values: as words in colours, or as a number with a unit. */
type ValueColumn =
  | { readonly heading: string; readonly words: Readonly<Record<string, readonly [string, string]>> }
  | { readonly heading: string; readonly unit: string };

export interface ListOptions extends Omit<PanelOptions, 'queries' | 'width' | 'unit'> {
  /** One row a series, as it is now. */
  readonly expr: string;
  /** Labels that are shown as columns, in this order, with the headings of their columns. */
  readonly columns: Readonly<Record<string, string>>;
  readonly value: ValueColumn;
}

const valueProperties = (value: ValueColumn): { id: string; value: unknown }[] => {
  if ('unit' in value) return [{ id: 'unit', value: value.unit }];
  const options = Object.fromEntries(
    Object.entries(value.words).map(([number, [text, color]], index) => [number, { text, color, index }]),
  );
  return [
    { id: 'mappings', value: [{ type: MappingType.ValueToText, options }] },
    { id: 'custom.cellOptions', value: { type: 'color-text' } },
  ];
};

/** A table of the series as they are now. */
export const list = (options: ListOptions): PanelBuilder => {
  const names = ['Value', ...Object.keys(options.columns)];
  const panel = new PanelBuilder()
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
    .overrideByName(options.value.heading, valueProperties(options.value));
  if (options.noValue !== undefined) panel.noValue(options.noValue);
  return panel;
};
