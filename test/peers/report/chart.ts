/** docs/comparison.svg: three panels of bars, in colours that can be read on white and on black. */
import { SIDES, type SideId } from '../sides/side.ts';
import type { Comparison, FleetFigures } from './figures.ts';
import { callsOfADay, mostLost, percentile, running } from './rows.ts';
import { NAMES } from './table.ts';
import { written } from './written.ts';

const WIDTH = 760;
const LEFT = 200;
const RIGHT = 165;
const BAR = { height: 16, step: 24 };
const PANEL = { title: 30, gap: 22 };
const COLOURS = { text: '#7d8590', ours: '#2da44e', other: '#8c959f', tail: '#8c959f' };

interface Bar {
  readonly id: SideId;
  readonly value: number;
  /** Where a thin line after the bar ends. */
  readonly tail?: number;
  readonly label: string;
}

interface Panel {
  readonly title: string;
  readonly bars: readonly Bar[];
  readonly scale: 'linear' | 'logarithmic';
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Length of a bar in pixels: the largest value of the panel fills it. */
const lengths = ({ bars, scale }: Panel): ((value: number) => number) => {
  const full = WIDTH - LEFT - RIGHT;
  const largest = Math.max(1e-9, ...bars.map(({ value, tail }) => Math.max(value, tail ?? 0)));
  if (scale === 'linear') return (value) => (full * value) / largest;
  // The shortest is a tenth of a decade, and something is always to be seen.
  const least = Math.min(...bars.map(({ value }) => value).filter((value) => value > 0)) / 1.26;
  return (value) => (value <= 0 ? 0 : (full * Math.log(value / least)) / Math.log(largest / least));
};

const drawn = (panel: Panel, top: number): string => {
  const length = lengths(panel);
  const bars = panel.bars.map(({ id, value, tail = value, label }, index) => {
    const y = top + PANEL.title + index * BAR.step;
    const middle = y + BAR.height / 2;
    const [end, tailEnd] = [LEFT + length(value), LEFT + length(tail)];
    const colour = id === 'ours' ? COLOURS.ours : COLOURS.other;
    return `  <text x="${LEFT - 10}" y="${middle + 4}" text-anchor="end"${id === 'ours' ? ' font-weight="bold"' : ''}>${escaped(NAMES[id])}</text>
  <rect x="${LEFT}" y="${y}" width="${(end - LEFT).toFixed(1)}" height="${BAR.height}" rx="2" fill="${colour}"/>
  <line x1="${end.toFixed(1)}" y1="${middle}" x2="${tailEnd.toFixed(1)}" y2="${middle}" stroke="${colour}" stroke-width="2"/>
  <text x="${(tailEnd + 8).toFixed(1)}" y="${middle + 4}">${escaped(label)}</text>`;
  });
  return [`  <text x="0" y="${top + 16}" font-weight="bold">${escaped(panel.title)}</text>`, ...bars].join('\n');
};

const panelsOf = (comparison: Comparison, fleet: FleetFigures): Panel[] => {
  const seconds = SIDES.map((id): Bar => {
    const median = percentile(fleet.sides[id].seconds, 50);
    const slowest = percentile(fleet.sides[id].seconds, 100);
    if (median === undefined || slowest === undefined) return { id, value: 0, label: 'none shown' };
    return { id, value: median, tail: slowest, label: `${written(median, 1)} s, slowest ${written(slowest, 1)} s` };
  });
  const calls = SIDES.map((id): Bar => {
    const value = callsOfADay(comparison, fleet, id) ?? 0;
    return { id, value, label: written(value, 0) };
  });
  const lost = SIDES.map((id): Bar => ({ id, value: mostLost(fleet, id), label: written(mostLost(fleet, id), 0) }));
  return [
    { title: 'Seconds from a change to the target list: median and slowest', bars: seconds, scale: 'logarithmic' },
    { title: 'Calls a day on ECS, EC2, Cloud Map and SSM, nothing changes', bars: calls, scale: 'logarithmic' },
    ...(fleet.faults.length === 0
      ? []
      : [
          {
            title: `Of ${written(running(fleet), 0)} running tasks, lost at most while AWS fails in ${fleet.faults.length} ways`,
            ...{ bars: lost, scale: 'linear' as const },
          },
        ]),
  ];
};

/** Of the first fleet. */
export const chart = (comparison: Comparison): string => {
  const [fleet] = comparison.fleets;
  if (fleet === undefined) throw new Error('There is no fleet to draw.');
  const panels = panelsOf(comparison, fleet);
  const heights = panels.map(({ bars }) => PANEL.title + bars.length * BAR.step + PANEL.gap);
  const tops = heights.map((_, index) => heights.slice(0, index).reduce((all, height) => all + height, 0));
  const height = heights.reduce((all, one) => all + one, 0) + 14;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" font-family="-apple-system, 'Segoe UI', Helvetica, Arial, sans-serif" font-size="13" fill="${COLOURS.text}">
  <title>${written(fleet.tasks, 0)} tasks: seconds to the target list, calls a day, targets lost while AWS fails</title>
${panels.map((panel, index) => drawn(panel, tops[index] ?? 0)).join('\n')}
  <text x="0" y="${height - 6}" font-size="11">${written(fleet.tasks, 0)} tasks, ${fleet.changes} changes, ${comparison.date}; bars of seconds and calls are logarithmic. npm run bench -- --peers</text>
</svg>
`;
};
