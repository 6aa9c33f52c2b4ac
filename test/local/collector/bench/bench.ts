/**
 * Measures the deployed pipeline in a real collector against a receiver on loopback that fails:
 *
 *     npm run bench:collector               outages in real time: five minutes
 *     npm run bench:collector -- --short    the same with all times a fifth: a minute and a half
 *     npm run bench:collector -- --sweep    the same with other time-outs and batches, for comparison: a quarter of an hour
 *     npm run bench:collector -- --load     CPU and memory by the number of targets: a quarter of an hour
 *
 * Cases run side by side, except those of `--load`. The collector is built first where it is missing (five to ten minutes).
 * Ends with 1 when a budget is not kept.
 */
import { parseArgs } from 'node:util';
import { REMOTE_WRITE, type RemoteWriteTiming } from '../../../../infra/constructs/collector/collector-pipeline.ts';
import { type CollectorProgram, openTelemetryCollector } from '../../../../infra/local/collector/program.ts';
import {
  LASTING_LIMIT,
  LOADS,
  OUTAGES,
  type OutageCase,
  REQUEST_BUDGET,
  RETRY_ON_429,
  SMALL_FLEET,
  SWEEP,
  SWEPT,
} from './cases.ts';
import { measureLoad } from './load.ts';
import { measureOutage } from './outage.ts';

const { values: flags } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    sweep: { type: 'boolean', default: false },
    load: { type: 'boolean', default: false },
  },
});

/** Prometheus takes whole seconds only: 15 / 5. */
const SCALE = flags.short ? 5 : 1;
const INTERVAL = 15;
const OUTAGE = 90;
/** MiB of the task that are target-sync's. */
const SYNC_MEMORY = 128;

const columns = (first: string, ...cells: readonly string[]): string =>
  [first.padEnd(28), ...cells.map((cell) => cell.padStart(12))].join('');

interface Trial extends OutageCase {
  readonly timing?: RemoteWriteTiming;
  readonly gates?: readonly string[];
}

async function outage(program: CollectorProgram, trial: Trial): Promise<boolean> {
  const { fault, seconds, timing = REMOTE_WRITE, gates = [] } = trial;
  const { lossBudget = Number.POSITIVE_INFINITY, missingBudget = Number.POSITIVE_INFINITY } = trial;
  // The batch that nobody answers is a larger share of a shorter outage.
  const lossAllowed = fault === 'swallow' ? lossBudget * SCALE : lossBudget;
  const { timeoutSeconds, retrySeconds, batchMilliseconds } = timing;
  const result = await measureOutage({
    name: [fault, seconds, timeoutSeconds, retrySeconds, batchMilliseconds, gates.length].join('-'),
    program,
    fault,
    timing: { ...timing, timeoutSeconds: timeoutSeconds / SCALE },
    faultSeconds: seconds / SCALE,
    fleet: SMALL_FLEET,
    scrapeIntervalSeconds: INTERVAL / SCALE,
    featureGates: gates,
  });
  // A refusal is never tried again: such a receiver is asked once a batch, as one that works.
  const withinRequests = ['400', '429', 'limit', 'slow'].includes(fault) || result.requestsPerSecond <= REQUEST_BUDGET;
  const kept =
    flags.sweep ||
    (withinRequests && result.lostPercent <= lossAllowed && result.missingPercent <= missingBudget * SCALE);
  console.log(
    columns(
      `${kept ? 'ok  ' : 'OVER'}  ${fault} for ${seconds / SCALE} s${gates.length > 0 ? ', gate' : ''}`,
      `${timeoutSeconds / SCALE} s`,
      `${retrySeconds} s`,
      `${batchMilliseconds} ms`,
      result.requestsPerSecond.toFixed(2),
      `${result.missingPercent.toFixed(1)} %`,
      `${result.lostPercent.toFixed(2)} %`,
      `${result.drainSeconds.toFixed(1)} s`,
      String(result.lossLines),
    ),
  );
  return kept;
}

async function outages(program: CollectorProgram): Promise<boolean> {
  console.log(
    columns('      fault', 'time-out', 'retry', 'batch', 'requests/s', 'missing', 'lost', 'late', 'log lines'),
  );
  const swept = SWEEP.flatMap((timing): Trial[] => SWEPT.map((one) => ({ ...one, timing })));
  const trials: readonly Trial[] = flags.sweep
    ? [...swept, LASTING_LIMIT, { ...LASTING_LIMIT, gates: [RETRY_ON_429] }]
    : OUTAGES;
  return (await Promise.all(trials.map((trial) => outage(program, trial)))).every(Boolean);
}

async function loads(program: CollectorProgram): Promise<boolean> {
  console.log(
    columns('      targets × series', 'task', 'vCPU', 'calm', 'outage', 'lost', 'late', 'log lines', 'largest'),
  );
  let kept = true;
  for (const { fleet, taskMemory } of LOADS) {
    const result = await measureLoad({
      name: `load-${fleet.targets}-${fleet.series}`,
      program,
      fleet,
      memoryMiB: taskMemory - SYNC_MEMORY,
      timing: REMOTE_WRITE,
      scrapeIntervalSeconds: INTERVAL / SCALE,
      faultSeconds: OUTAGE / SCALE,
    });
    const within = result.outageMiB <= taskMemory - SYNC_MEMORY && result.lostPercent <= 1;
    kept &&= within;
    console.log(
      columns(
        `${within ? 'ok  ' : 'OVER'}  ${fleet.targets} × ${fleet.series}`,
        `${taskMemory} MiB`,
        result.cpu.toFixed(2),
        `${result.calmMiB.toFixed(0)} MiB`,
        `${result.outageMiB.toFixed(0)} MiB`,
        `${result.lostPercent.toFixed(2)} %`,
        `${result.drainSeconds.toFixed(0)} s`,
        String(result.lossLines),
        `${(result.largestRequest / 1000).toFixed(0)} kB`,
      ),
    );
  }
  return kept;
}

const collector = await openTelemetryCollector(console.log);
process.exitCode = (await (flags.load ? loads(collector) : outages(collector))) ? 0 : 1;
