/** The figures at the end: what Prometheus answers, and how long everything took. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bold, dim, yellow } from '../../cli/terminal/paint.ts';
import type { LocalSystem } from '../local-system.ts';
import type { Stage } from '../observation/presence.ts';
import type { Sample } from '../prometheus/query.ts';
import { wrap } from '../terminal/wrap.ts';
import type { Change } from './journal.ts';
import type { ProgressRow } from './progress.ts';
import { StepFailed } from './step.ts';
import { headings, seconds, tableLine } from './step-view.ts';

interface ReferenceQuery {
  readonly query: string;
  readonly unit: (labels: Sample['labels']) => string;
  readonly needsNodeExporter?: boolean;
}

/** The queries of the reference. */
const QUERIES: readonly ReferenceQuery[] = [
  { query: 'sum(rate(http_requests_total[5m]))', unit: () => 'requests a second' },
  {
    query: 'sum(rate(request_duration_milliseconds_sum[5m])) / sum(rate(request_duration_milliseconds_count[5m]))',
    unit: () => 'ms on average',
  },
  {
    query: '100 - (avg by (instance) (rate(node_cpu_seconds_total{mode="idle"}[1m])) * 100)',
    unit: ({ instance }) => `% of the CPU, host ${instance}`,
    needsNodeExporter: true,
  },
];

/** Seconds until there are two samples of what was started last. */
const PATIENCE = 30;

/** @throws StepFailed when one has no answer. */
export const printQueries = async ({ prometheus, noNodeExporter, plane }: LocalSystem): Promise<void> => {
  console.log(`\n  ${bold('The queries of the reference, answered by Prometheus')}`);
  for (const { query, unit, needsNodeExporter } of QUERIES) {
    if (needsNodeExporter && noNodeExporter !== undefined) {
      console.log(yellow(wrap(`Without an answer, because there is no node exporter: ${noNodeExporter}`, '    ')));
    } else {
      const series = needsNodeExporter ? plane.containerInstances.size : 1;
      for (const { value, labels } of await answerTo(prometheus, query, series)) {
        console.log(`    ${value.toFixed(1).padStart(7)} ${unit(labels)}`);
      }
    }
    console.log(dim(wrap(query, ' '.repeat(12))));
  }
};

const answerTo = async (
  prometheus: LocalSystem['prometheus'],
  query: string,
  series: number,
): Promise<readonly Sample[]> => {
  for (const deadline = Date.now() + PATIENCE * 1000; Date.now() < deadline; await sleep(500)) {
    const samples = await prometheus.query(query);
    if (samples.length >= series && samples.every(({ value }) => value > 0)) return samples;
  }
  throw new StepFailed(`${query} has no answer`);
};

const quantile = (sorted: readonly number[], share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;

const timesLine = (title: string, rows: readonly ProgressRow[], share: number): string =>
  tableLine(title, (stage: Stage) => {
    const times = rows
      .map(({ reached }) => reached.get(stage))
      .filter((time) => time !== undefined)
      .sort((a, b) => a - b);
    return times.length === 0 ? '' : seconds(quantile(times, share));
  }).trimEnd();

/** Median and slowest of each stage, over all steps without a lost event. */
export const printTimes = (rows: readonly ProgressRow[]): void => {
  const of = (kind: Change['kind']): ProgressRow[] => rows.filter(({ change }) => change.kind === kind);
  console.log(`\n  ${bold('From the event to each stage')}`);
  console.log(headings(`${of('comes').length} came, ${of('goes').length} went`));
  console.log(timesLine('+ runs, median', of('comes'), 0.5));
  console.log(timesLine('+ runs, slowest', of('comes'), 1));
  console.log(timesLine('- stops, median', of('goes'), 0.5));
  console.log(timesLine('- stops, slowest', of('goes'), 1));
};
