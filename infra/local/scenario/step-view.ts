/** What a step looks like: a line a task, a column a stage. */

import { bold, dim, green, red, yellow } from '../../cli/terminal/paint.ts';
import { STAGES, type Stage } from '../observation/presence.ts';
import type { Line } from '../terminal/live-block.ts';
import { wrap } from '../terminal/wrap.ts';
import type { Change } from './journal.ts';
import type { ProgressRow } from './progress.ts';

const TITLES: Readonly<Record<Stage, string>> = {
  ssm: 'SSM',
  cloudMap: 'Cloud Map',
  file: 'file',
  target: 'target',
  sample: 'sample',
};

export const COLUMNS_EXPLAINED = 'Seconds to SSM, Cloud Map, the target file, the collector, and Prometheus.';

const INDENT = '    ';
const FIRST_WIDTH = 31;

const widthOf = (stage: Stage): number => (stage === 'cloudMap' ? 11 : 8);

/** A line of the table: what it is about, and a cell for each stage. */
export const tableLine = (first: string, cell: (stage: Stage) => string): string =>
  `${INDENT}${first.padEnd(FIRST_WIDTH)}${STAGES.map((stage) => cell(stage).padStart(widthOf(stage))).join('')}`;

/** The line above the columns. */
export const headings = (first: string): string => dim(tableLine(first, (stage) => TITLES[stage]));

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

const MARKS: Readonly<Record<Change['kind'], { readonly text: string; readonly paint: (text: string) => string }>> = {
  comes: { text: '+ runs', paint: green },
  fails: { text: '✗ fails', paint: red },
  goes: { text: '- stops', paint: yellow },
};

export const rowLine = ({ change, reached, problem, complete }: ProgressRow): Line => {
  const { text: mark, paint } = MARKS[change.kind];
  const cells = tableLine(`${change.taskId.slice(0, 8)} ${change.workload.padEnd(14)} ${mark}`, (stage) => {
    const time = reached.get(stage);
    if (time !== undefined) return seconds(time);
    return complete ? '' : '…';
  });
  const line = cells.trimEnd().replace(mark, paint(mark)).replaceAll('…', dim('…'));
  const why = problem === undefined ? '' : `\n${red(wrap(`✗ ${problem}`, `${INDENT}         `))}`;
  return { text: `${line}${why}`, final: complete };
};

/**
 * @param from what the times count from, in words
 * @param note a line of its own below the title
 */
export const stepLines = (title: string, from: string, rows: readonly ProgressRow[], note?: string): Line[] => [
  { text: `\n  ${bold(title)}`, final: true },
  ...(note === undefined ? [] : [{ text: dim(wrap(note, INDENT)), final: true }]),
  { text: headings(from), final: true },
  ...rows.map(rowLine),
];
