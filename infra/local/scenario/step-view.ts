/** What a step looks like: a line a task, a column a stage. */

import { bold, dim, green, yellow } from '../../cli/terminal/paint.ts';
import { STAGES, type Stage } from '../observation/presence.ts';
import type { Line } from '../terminal/live-block.ts';
import { wrap } from '../terminal/wrap.ts';
import type { Row } from './progress.ts';

const TITLES: Readonly<Record<Stage, string>> = {
  ssm: 'SSM',
  cloudMap: 'Cloud Map',
  file: 'file',
  target: 'target',
  sample: 'sample',
};

export const WIDTH = 11;

/** The line above the columns. */
export const headings = (first: string): string =>
  dim(`      ${first.padEnd(17)}${STAGES.map((stage) => TITLES[stage].padStart(WIDTH)).join('')}`);

export const seconds = (milliseconds: number): string => `${(milliseconds / 1000).toFixed(1)} s`;

const cell = (row: Row, stage: Stage): string => {
  const time = row.reached.get(stage);
  if (time !== undefined) return seconds(time).padStart(WIDTH);
  return dim((row.complete ? '' : '…').padStart(WIDTH));
};

export const rowLine = (row: Row): Line => {
  const mark = row.change.kind === 'comes' ? green('+ runs ') : yellow('- stops');
  const cells = STAGES.map((stage) => cell(row, stage)).join('');
  return { text: `      ${row.change.taskId.slice(0, 8)}  ${mark}${cells}`, final: row.complete };
};

/**
 * @param from what the times count from, in words
 * @param note a line of its own below the title
 */
export const stepLines = (title: string, from: string, rows: readonly Row[], note?: string): Line[] => [
  { text: `\n  ${bold(title)}`, final: true },
  ...(note === undefined ? [] : [{ text: wrap(note, '      '), final: true }]),
  { text: headings(from), final: true },
  ...rows.map(rowLine),
];
