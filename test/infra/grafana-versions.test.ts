/**
 * The dashboards against Grafana's own types for 10.4, 11.6 and 12.4, as far as npm has them: dashboard, variables,
 * annotations, panel options and fields, and queries. Not to be had from npm: the JSON schemas (in Grafana's repository
 * only), types of transformations' and overrides' options (untyped there, too), of Prometheus' annotations, and of
 * Prometheus' queries after 10.4 other than inside a package that needs all of Grafana's user interface.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { afterAll, describe, expect, it } from '@jest/globals';
import { discoveryDashboard } from '../../infra/dashboards/discovery/discovery-dashboard.ts';
import { workloadDashboard } from '../../infra/dashboards/workload/workload-dashboard.ts';
import { LOCAL_ROOT } from '../../infra/local/paths.ts';
import { checkTypes, GRAFANA_VERSIONS } from './grafana-types.ts';

const FOLDER = join(LOCAL_ROOT, 'test/grafana-versions-test');
const VERSIONS = Object.entries(GRAFANA_VERSIONS).map(([version, grafana]) => ({ version, grafana }));

afterAll(() => rm(FOLDER, { recursive: true, force: true }));

/** The dashboard with a text of its JSON replaced, which has to be there. */
const changed = (dashboard: Dashboard, from: string, to: string): Dashboard => {
  const json = JSON.stringify(dashboard);
  expect(json).toContain(from);
  return JSON.parse(json.replace(from, to));
};

describe.each(VERSIONS)('Grafana $version', ({ version, grafana }) => {
  it.each([
    ['workload', workloadDashboard()],
    ['discovery', discoveryDashboard()],
  ])(
    'has a type for all that the %s dashboard says',
    async (name, dashboard) => {
      await checkTypes(join(FOLDER, `${version}-${name}`), dashboard, grafana);
    },
    30_000,
  );

  it.each([
    ['a misspelt property of the dashboard', '"refresh":', '"refrehs":'],
    ['a misspelt property of a variable', '"includeAll":', '"includeall":'],
    ['a misspelt option of a panel', '"reduceOptions":', '"reduceOption":'],
    ['an unknown value of an option', '"graphMode":"area"', '"graphMode":"lake"'],
    ['a misspelt property of a field', '"showPoints":', '"showPoint":'],
    ['a misspelt property of a query', '"legendFormat":', '"legendformat":'],
    ['a number where a text belongs', '"metricName":"TasksSkipped"', '"metricName":1'],
  ])(
    'would refuse %s',
    async (name, from, to) => {
      const dashboard = changed(discoveryDashboard(), from, to);
      const checked = checkTypes(join(FOLDER, `${version}-${name.replaceAll(' ', '-')}`), dashboard, grafana);
      await expect(checked).rejects.toThrow(/error TS2/);
    },
    30_000,
  );
});
