import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';
import { FAULTS } from '../faults.ts';
import { SIDES, type SideId } from '../sides/side.ts';
import { chart } from './chart.ts';
import type { Comparison, Effort, FleetFigures, SideFigures } from './figures.ts';
import { comparisonPage } from './page.ts';
import { callsOfADay, mostLost, percentile, running } from './rows.ts';
import { simulatedDay } from './simulated-day.ts';
import { callsTable, faultTable, ratio, ratioTable } from './table.ts';
import { written } from './written.ts';

const each = <T>(of: (id: SideId) => T) => Object.fromEntries(SIDES.map((id) => [id, of(id)])) as Record<SideId, T>;

const SECONDS: Readonly<Record<SideId, number[]>> = {
  ours: [0.2, 0.1, 0.4],
  prometheus: [30, 60, 2],
  observer: [10, 20],
  reference: [],
};

const callsOf = (id: SideId): Effort['calls'] =>
  id === 'ours' ? { 'ssm PutParameter': 4 } : { 'ecs ListTasks': 40, 'ecs DescribeTasks': 40 };

const usage = (id: SideId, cpuSeconds: number): Effort['usage'] => {
  if (id === 'ours') return { 'target-sync': { cpuSeconds, peakMiB: 80 }, Lambda: { cpuSeconds, peakMiB: 300 } };
  return id === 'reference' ? {} : { process: { cpuSeconds, peakMiB: 80 } };
};

const side = (id: SideId): SideFigures => ({
  listed: id === 'reference' ? 100 : 1000,
  seconds: SECONDS[id],
  never: 3 - SECONDS[id].length,
  quiet: { calls: {}, refused: 0, usage: usage(id, 0.5) },
  changing: { calls: callsOf(id), refused: 0, usage: usage(id, 2) },
});
const fleet: FleetFigures = {
  ...{ tasks: 1000, services: 100, shards: 17, changes: 3 },
  sides: each(side),
  faults: [
    { what: 'DescribeTasks denied', running: 999, lost: each(() => 0), ended: ['observer'], stopSeen: ['ours'] },
    {
      what: 'ListTasks throttled',
      running: 999,
      lost: each((id) => (id === 'reference' ? 400 : 0)),
      ...{ ended: [], stopSeen: ['ours', 'reference'] },
    },
  ],
};

const comparison: Comparison = {
  ...{ date: '2026-11-26', command: 'npm run bench -- --peers --write', machine: '2 cores', load: 0, nice: 0 },
  versions: each(() => '1'),
  simulatedDay: { 1000: 1000 },
  fleets: [fleet],
};

describe('the table', () => {
  it('gives figures, and how many times ours they are', () => {
    const table = ratioTable(comparison, fleet);
    expect(table).toContain('| seconds to the list, median | 0.2 | 30.0 (× 150) | 10.0 (× 50) | – |');
    expect(table).toContain('| of 3 changes, not shown | 0 | 0 | 1 | 3 |');
    expect(table).toContain('| calls a day without a change | 1,000 | 57,600 (× 58) | 57,600 (× 58) | 57,600 (× 58) |');
    expect(table).toContain('| memory of what always runs, MiB | 80 | 80 (× 1.0) | 80 (× 1.0) | – |');
    expect(table).toContain('| CPU seconds in a minute without a change | 1.00 | 0.50 (× 0.5) | 0.50 (× 0.5) | – |');
    expect(table).toContain('| most of 999 running tasks lost, 2 faults | 0 | 0 | 999 | 400 |');
  });

  it('gives calls by API, and the faults in their order', () => {
    expect(callsTable(fleet)).toContain('| ecs ListTasks | 0 | 40 | 40 | 40 |');
    expect(faultTable(fleet).split('\n').slice(2)).toEqual([
      '| ListTasks throttled | 0 | 0, stop not seen | 0, stop not seen | 400 |',
      '| DescribeTasks denied | 0 | 0, stop not seen | all: its process ends, stop not seen | 0, stop not seen |',
    ]);
  });

  it.each([
    [30, 0.2, '× 150'],
    [2.5, 2, '× 1.3'],
    [1, 4, '× 0.3'],
  ])('%d of %d is %s', (value, ours, text) => {
    expect(ratio(value, ours)).toBe(text);
  });

  it('has percentiles that were measured', () => {
    expect([50, 90, 100].map((percent) => percentile([4, 1, 3, 2], percent))).toEqual([2, 4, 4]);
    expect(percentile([], 50)).toBeUndefined();
  });
});

it('the simulated day is read from docs/bench.md', () => {
  const days = simulatedDay(readFileSync(join(PROJECT_ROOT, 'docs/bench.md'), 'utf8'));
  expect(Object.keys(days)).toEqual(['1000', '10000']);
});

describe('the chart', () => {
  const widths = [...chart(comparison).matchAll(/<rect [^>]*width="([\d.]+)"/g)].map(([, width]) => Number(width));

  it('has a bar for each side in each panel', () => {
    expect(widths).toHaveLength(12);
  });

  it('draws what is fewer shorter, and nothing for none', () => {
    const [ours = 0, prometheus = 0, observer = 0] = widths;
    expect(ours).toBeGreaterThan(0);
    expect(prometheus).toBeGreaterThan(observer);
    expect(observer).toBeGreaterThan(ours);
    expect(widths.slice(8)).toEqual([0, 0, 395, 158.2]);
  });
});

describe('what is committed', () => {
  const read = (path: string): string => readFileSync(join(PROJECT_ROOT, path), 'utf8');
  const measured = JSON.parse(read('test/peers/report/measured.json')) as Comparison;
  const [first] = measured.fleets as [FleetFigures];

  it('the page and the chart are those of the figures', () => {
    expect(read('docs/comparison.md')).toBe(comparisonPage(measured));
    expect(read('docs/comparison.svg')).toBe(chart(measured));
  });

  it('every fault was tried', () => {
    expect(first.faults.map(({ what }) => what).sort()).toEqual(FAULTS.map(({ what }) => what).sort());
  });

  it('README quotes them', () => {
    const line = (start: string): string[] =>
      (
        read('README.md')
          .split('\n')
          .find((text) => text.startsWith(`| ${start}`)) ?? ''
      )
        .split('|')
        .slice(2, -1)
        .map((cell) => cell.trim());
    const seconds = (id: SideId, percent: number): string =>
      written(percentile(first.sides[id].seconds, percent) ?? Number.NaN, 1);
    expect(line('seconds to the target list')).toEqual(SIDES.map((id) => `${seconds(id, 50)} / ${seconds(id, 100)}`));
    expect(line('calls a day')).toEqual(SIDES.map((id) => written(callsOfADay(measured, first, id) ?? Number.NaN, 0)));
    expect(line(`of ${written(running(first), 0)} running tasks, lost`)).toEqual(
      SIDES.map((id) => written(mostLost(first, id), 0)),
    );
  });
});
