import { readFile } from 'node:fs/promises';
import type { Panel, RowPanel } from '@grafana/grafana-foundation-sdk/dashboard';
import { describe, expect, it } from '@jest/globals';
import { discoveryDashboard } from '../../infra/dashboards/discovery.ts';
import { dashboardFiles } from '../../infra/dashboards/files.ts';
import { workloadDashboard } from '../../infra/dashboards/workload.ts';

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

  it('lets the reader choose data source, cluster, service and the time that rates look back', () => {
    const names = dashboard.templating?.list?.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['datasource', 'cluster', 'service', 'window']));
  });

  it('asks only the data source that was chosen', () => {
    const sources = new Set<string>();
    JSON.stringify(dashboard, (key, value) => {
      if (key === 'datasource' && typeof value === 'object') sources.add(value.uid);
      return value;
    });
    expect([...sources]).toEqual([`\${datasource}`]);
  });

  it('uses the variables that it offers, and no other', () => {
    const offered = new Set(dashboard.templating?.list?.map(({ name }) => name));
    const used = new Set([...JSON.stringify(panels).matchAll(/\$\{?(\w+)/g)].map(([, name]) => name));
    expect(used).toEqual(offered);
  });

  it('says of each panel what it shows, in which unit, and why', () => {
    for (const { title, description, fieldConfig, type } of panels) {
      expect(title).toMatch(/^[A-Z]/);
      expect(description).toMatch(/^[A-Z].*\.$/s);
      if (type !== 'table') expect([title, fieldConfig?.defaults?.unit]).toEqual([title, expect.any(String)]);
    }
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });

  it('names the series of each graph', () => {
    for (const { title, type, targets } of panels) {
      const legends = (targets ?? []).map((target) => (target as { legendFormat?: string }).legendFormat);
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
