import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';

const without = <T extends object>(value: T, names: readonly string[]): T =>
  Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name))) as T;

/**
 * Leaves out what the builder writes, always with its default, although not every version of Grafana from 10.4 on knows
 * it. What is left is valid in all of them.
 */
export const portable = (dashboard: Dashboard): Dashboard => ({
  ...dashboard,
  annotations: { list: (dashboard.annotations?.list ?? []).map((one) => without(one, ['placement'])) },
  links: (dashboard.links ?? []).map((one) => without(one, ['placement'])),
  templating: {
    list: (dashboard.templating?.list ?? []).map((one) =>
      without(one, ['allowCustomValue', 'auto', 'auto_count', 'auto_min']),
    ),
  },
  panels: (dashboard.panels ?? []).map((panel) => {
    const { options } = panel as Panel;
    return options === undefined
      ? panel
      : { ...panel, options: without(options, ['footer', 'percentChangeColorMode']) };
  }) as NonNullable<Dashboard['panels']>,
});
