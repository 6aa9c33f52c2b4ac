/** The figures at the end: what Prometheus answers, and how long everything took. */

import { bold, dim } from '../../cli/terminal/paint.ts';
import { STAGES, type Stage } from '../observation/presence.ts';
import type { Prometheus } from '../prometheus/local-prometheus.ts';
import { wrap } from '../terminal/wrap.ts';
import type { Change } from './journal.ts';
import type { Row } from './progress.ts';
import { StepFailed } from './step.ts';
import { headings, seconds, WIDTH } from './step-view.ts';

/** The queries of the reference that this machine has the metrics for (the third one needs a node exporter). */
const QUERIES = [
  { query: 'sum(rate(http_requests_total[5m]))', unit: 'requests a second' },
  {
    query: 'sum(rate(request_duration_milliseconds_sum[5m])) / sum(rate(request_duration_milliseconds_count[5m]))',
    unit: 'ms on average',
  },
];

/** @throws StepFailed when one has no answer. */
export const printQueries = async (prometheus: Prometheus): Promise<void> => {
  console.log(`\n  ${bold('The queries of the reference, answered by Prometheus')}`);
  for (const { query, unit } of QUERIES) {
    const value = (await prometheus.query(query)).at(0)?.value;
    if (value === undefined || !(value > 0)) throw new StepFailed(`${query} has no answer`);
    console.log(`      ${value.toFixed(1).padStart(7)} ${unit}`);
    console.log(dim(wrap(query, ' '.repeat(14))));
  }
};

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

const timesLine = (title: string, rows: readonly Row[], share: number): string => {
  const cell = (stage: Stage): string => {
    const times = rows
      .map(({ reached }) => reached.get(stage))
      .filter((time) => time !== undefined)
      .sort((a, b) => a - b);
    return (times.length === 0 ? '' : seconds(quantile(times, share))).padStart(WIDTH);
  };
  return `      ${title.padEnd(17)}${STAGES.map(cell).join('')}`;
};

/** Median and slowest of each stage, over all steps without a lost event. */
export const printTimes = (rows: readonly Row[]): void => {
  const of = (kind: Change['kind']): Row[] => rows.filter(({ change }) => change.kind === kind);
  console.log(`\n  ${bold('From the event to each stage')}`);
  console.log(headings(`${of('comes').length} came, ${of('goes').length} went`));
  console.log(timesLine('+ runs, median', of('comes'), 0.5));
  console.log(timesLine('+ runs, slowest', of('comes'), 1));
  console.log(timesLine('- stops, median', of('goes'), 0.5));
  console.log(timesLine('- stops, slowest', of('goes'), 1));
};
