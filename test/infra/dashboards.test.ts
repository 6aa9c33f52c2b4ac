import { readFile } from 'node:fs/promises';
import type { Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, it } from '@jest/globals';
import { discoveryDashboard } from '../../infra/dashboards/discovery/discovery-dashboard.ts';
import { dashboardFiles } from '../../infra/dashboards/files.ts';
import { workloadDashboard } from '../../infra/dashboards/workload/workload-dashboard.ts';

const isRow = (panel: Panel | RowPanel): panel is RowPanel => panel.type === 'row';

describe.each(Object.entries(dashboardFiles()))('docs/dashboards/%s', (name, content) => {
  it('is what the code makes: run `npm run dashboards` after a change', async () => {
    expect(await readFile(`docs/dashboards/${name}`, 'utf8')).toBe(content);
  });
});

describe.each([
  ['workload', workloadDashboard()],
  ['discovery', discoveryDashboard()],
])('the %s dashboard', (_name, dashboard) => {
  const all = dashboard.panels ?? [];
  const panels = all.filter((panel): panel is Panel => !isRow(panel));

  const variables = (dashboard.templating?.list ?? []).map(({ name }) => name);
  const queries = [...panels.flatMap(({ targets }) => targets ?? []), ...(dashboard.annotations?.list ?? [])].flatMap(
    (one) => ('expr' in one && typeof one.expr === 'string' ? [one.expr] : []),
  );

  it('lets the reader choose data source, cluster and service', () => {
    expect(variables).toEqual(expect.arrayContaining(['datasource', 'cluster', 'service']));
  });

  it('asks only the data sources that were chosen', () => {
    const sources = new Set<string>();
    JSON.stringify(dashboard, (key, value) => {
      if (key === 'datasource' && typeof value === 'object') sources.add(value.uid);
      return value;
    });
    const offered = variables.filter((name) => ['datasource', 'cloudwatch'].includes(name));
    expect([...sources].toSorted()).toEqual(offered.map((name) => `\${${name}}`).toSorted());
  });

  it('uses the variables that it offers, and no other', () => {
    const used = new Set(
      [...JSON.stringify([panels, dashboard.annotations]).matchAll(/\$\{?([a-z]\w*)/g)].map(([, name]) => name),
    );
    expect(used).toEqual(new Set(variables));
  });

  it("looks back as far as Grafana's rate interval, so that no increase falls between two points", () => {
    const windows = queries.flatMap((query) =>
      [...query.matchAll(/(?:rate|increase)\([^[]*\[([^\]]+)\]/g)].map(([, window]) => window),
    );
    expect(windows.length).toBeGreaterThan(10);
    expect(new Set(windows)).toEqual(new Set(['$__rate_interval']));
  });

  it('marks deployments', () => {
    expect(dashboard.annotations?.list?.map(({ name }) => name)).toEqual(['Deployments']);
  });

  it('says of each panel what it shows, in which unit, and why', () => {
    for (const { title, description, fieldConfig, type } of panels) {
      expect(title).toMatch(/^[A-Z]/);
      expect(description).toMatch(/^[A-Z].*\.$/s);
      if (type !== 'table') expect([title, fieldConfig?.defaults?.unit]).toEqual([title, expect.any(String)]);
    }
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });

  it('names the series of each graph, a task by the beginning of its id', () => {
    for (const { title, type, targets } of panels) {
      const legends = (targets ?? []).map((target) => {
        const { legendFormat, label } = target as { legendFormat?: string; label?: string };
        return legendFormat ?? label;
      });
      expect(legends.join()).not.toContain('{{taskid}}');
      if (type === 'timeseries')
        expect([title, legends]).toEqual([title, legends.map(() => expect.stringMatching(/./))]);
    }
  });

  it('fills the grid from left to right without a gap or an overlap', () => {
    const cells = new Set<string>();
    let area = 0;
    let bottom = 0;
    for (const { gridPos } of all) {
      const { x, y, w, h } = gridPos ?? { x: 0, y: 0, w: 0, h: 0 };
      expect(x + w).toBeLessThanOrEqual(24);
      for (let column = x; column < x + w; column += 1)
        for (let line = y; line < y + h; line += 1) cells.add(`${column},${line}`);
      area += w * h;
      bottom = Math.max(bottom, y + h);
    }
    expect(cells.size).toBe(area);
    expect(area).toBe(24 * bottom);
  });

  it('numbers its panels, so that a link to one stays right', () => {
    expect(all.map(({ id }) => id)).toEqual(all.map((_panel, index) => index + 1));
  });
});
