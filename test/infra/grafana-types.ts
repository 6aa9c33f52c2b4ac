/** Grafana's own types of dashboards, as `@grafana/schema` has them for each version, as a check of a dashboard's JSON. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { run } from '../../infra/local/process/run.ts';

interface GrafanaVersion {
  /** Folder of the types below `node_modules`. */
  readonly types: string;
  /** Ends of the names of the files of types, after what the file is about. */
  readonly file: (subject: string) => string;
}

const named = (subject: string) => `${subject}_types.gen`;

/** By the version of Grafana. A folder `types.gen` has no subject in the names of its files. */
export const GRAFANA_VERSIONS: Readonly<Record<string, GrafanaVersion>> = {
  '10.4': { types: 'grafana-schema-10.4/dist/esm', file: named },
  '11.6': { types: 'grafana-schema-11.6/dist/esm', file: named },
  '12.4': { types: 'grafana-schema-12.4/dist/types', file: () => 'types.gen' },
};

/** The panels that dashboards here have, by their type: the subject of their types, and the type of their fields. */
const PANELS = {
  timeseries: { subject: 'TimeSeriesPanelCfg', field: 'timeseries.FieldConfig' },
  stat: { subject: 'StatPanelCfg', field: 'Record<string, never>' },
  table: { subject: 'TablePanelCfg', field: 'table.FieldConfig' },
} as const;
const hasTypes = (type: string): type is keyof typeof PANELS => type in PANELS;

/**
 * What Prometheus' data source adds to an annotation. `@grafana/schema` has no types for it; the builder's are those of
 * Grafana's newest version, which still reads this form.
 */
const OF_PROMETHEUS = ['expr', 'step', 'titleFormat', 'textFormat', 'tagKeys', 'useValueForTime'];

const withoutPrometheus = (dashboard: Dashboard): unknown => ({
  ...dashboard,
  annotations: {
    list: (dashboard.annotations?.list ?? []).map((annotation) =>
      Object.fromEntries(Object.entries(annotation).filter(([name]) => !OF_PROMETHEUS.includes(name))),
    ),
  },
});

const program = (dashboard: Dashboard, { types, file }: GrafanaVersion): string => {
  const path = (folder: string, subject: string) =>
    JSON.stringify(join(PROJECT_ROOT, 'node_modules', types, 'raw', folder, 'x', file(subject)));
  const prometheus = GRAFANA_VERSIONS['10.4'] as GrafanaVersion;
  const queries = join(PROJECT_ROOT, 'node_modules', prometheus.types, 'raw/composable/prometheus/dataquery/x');
  const lines = [
    `import type { Dashboard } from ${path('dashboard', 'dashboard')};`,
    // From version 11 on Prometheus' queries are not in this package any more; they did not change.
    `import type { PrometheusDataQuery } from ${JSON.stringify(join(queries, 'PrometheusDataQuery_types.gen'))};`,
    `import type { CloudWatchMetricsQuery } from ${path('composable/cloudwatch/dataquery', 'CloudWatchDataQuery')};`,
    ...Object.entries(PANELS).map(
      ([type, { subject }]) => `import type * as ${type} from ${path(`composable/${type}/panelcfg`, subject)};`,
    ),
    // JSON has strings where the types have enums.
    `type Plain<T> = T extends string ? \`\${T}\` : T extends readonly (infer E)[] ? Plain<E>[] : T extends object ? { [K in keyof T]: Plain<T[K]> } : T;`,
    `export const dashboard: Plain<Dashboard> = ${JSON.stringify(withoutPrometheus(dashboard))};`,
  ];
  for (const panel of dashboard.panels ?? []) {
    if (panel.type === 'row') continue;
    const { id, type, options, fieldConfig, targets } = panel as Panel;
    if (!hasTypes(type)) throw new Error(`There are no types for panels of the type ${type}: add them to PANELS.`);
    const json = (value: unknown) => JSON.stringify(value ?? {});
    lines.push(`export const options${id}: Partial<Plain<${type}.Options>> = ${json(options)};`);
    lines.push(
      `export const field${id}: Partial<Plain<${PANELS[type].field}>> = ${json(fieldConfig?.defaults?.custom)};`,
    );
    for (const target of targets ?? []) {
      const kind = 'expr' in target ? 'PrometheusDataQuery' : 'CloudWatchMetricsQuery';
      lines.push(`export const query${id}${(target as { refId?: string }).refId}: Plain<${kind}> = ${json(target)};`);
    }
  }
  return lines.join('\n');
};

/**
 * Checks a dashboard against the types of a version of Grafana; unknown properties are errors.
 *
 * @param folder - where the program is written; it is made when it is not there.
 * @throws ProgramFailedError with the compiler's messages.
 */
export const checkTypes = async (folder: string, dashboard: Dashboard, grafana: GrafanaVersion): Promise<void> => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'dashboard.ts'), program(dashboard, grafana));
  const compilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    module: 'esnext',
    moduleResolution: 'bundler',
    types: [],
    paths: { '@grafana/schema': [join(PROJECT_ROOT, 'node_modules', grafana.types, 'index')] },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['dashboard.ts'] }));
  const tsc = join(PROJECT_ROOT, 'node_modules/.bin/tsc');
  await run(tsc, ['--project', folder, '--pretty', 'false'], { environment: process.env, directory: PROJECT_ROOT });
};
