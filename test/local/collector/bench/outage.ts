/** What an outage of the receiver costs: samples lost, requests made, seconds until the backlog is gone. */
import { setTimeout as sleep } from 'node:timers/promises';
import { LOSS_PHRASES } from '../../../../infra/constructs/collector/loss-phrases.ts';
import type { Fault } from './receiver.ts';
import { type Rig, type RigOptions, startRig } from './rig.ts';

export interface OutageOptions extends RigOptions {
  readonly fault: Fault;
  readonly faultSeconds: number;
}

export interface OutageResult {
  /** Samples that never arrived, as a share of those that were scraped during the fault. */
  readonly lostPercent: number;
  /** The same share when the fault ends: lost, or late. */
  readonly missingPercent: number;
  /** Requests a second while the fault lasted. */
  readonly requestsPerSecond: number;
  /** Seconds from the end of the fault until everything that will ever arrive is there. */
  readonly drainSeconds: number;
  /** Lines of the log that the alarm counts. */
  readonly lossLines: number;
}

/** Waits until all that was scraped up to now has arrived, and says when the last of it came. Seconds. */
async function settled({ fleet }: Rig, since: number, seconds: number): Promise<number> {
  const start = performance.now();
  const end = start;
  let best = Number.POSITIVE_INFINITY;
  let changed = start;
  while (performance.now() < start + seconds * 1000) {
    const { missing } = fleet.between(since, end);
    if (missing < best) {
      best = missing;
      changed = performance.now();
    }
    if (missing === 0) break;
    await sleep(250);
  }
  return (changed - start) / 1000;
}

export async function measureOutage(options: OutageOptions): Promise<OutageResult> {
  const rig = await startRig(options);
  const { fleet, receiver } = rig;
  try {
    // Twice around all targets, so that start-up is over.
    await sleep(options.scrapeIntervalSeconds * 2000 + 2000);
    const warm = performance.now() - 2000;
    const start = performance.now();
    receiver.fail(options.fault);
    await sleep(options.faultSeconds * 1000);
    receiver.fail(undefined);
    const end = performance.now();
    const late = fleet.between(start, end).missing;
    const drainSeconds = await settled(rig, warm, options.timing.timeoutSeconds + 30);
    const { scraped } = fleet.between(start, end);
    const { missing } = fleet.between(warm, end);
    const requests = receiver.requests.filter((at) => at >= start && at <= end).length;
    return {
      lostPercent: (100 * missing) / scraped,
      missingPercent: (100 * late) / scraped,
      requestsPerSecond: requests / options.faultSeconds,
      drainSeconds,
      lossLines: await rig.lossLines(LOSS_PHRASES),
    };
  } finally {
    await rig.close();
  }
}
