/** What `npm run bench:collector` tries, and what may come of it. */
import { REMOTE_WRITE, type RemoteWriteTiming } from '../../../../infra/constructs/collector/collector-pipeline.ts';
import type { FleetSize } from './fleet.ts';
import type { Fault } from './receiver.ts';

export interface OutageCase {
  readonly fault: Fault;
  readonly seconds: number;
  /** Percent of what was scraped meanwhile. None where nothing can be done about the loss. */
  readonly lossBudget?: number;
  /** The same for what has not arrived when the fault ends. */
  readonly missingBudget?: number;
}

/** Twenty tasks with three targets each. */
export const SMALL_FLEET: FleetSize = { targets: 60, series: 50 };

export const OUTAGES: readonly OutageCase[] = [
  { fault: '500', seconds: 90, lossBudget: 0 },
  { fault: 'hold', seconds: 30, lossBudget: 0 },
  { fault: 'hold', seconds: 90, lossBudget: 0 },
  { fault: 'swallow', seconds: 90, lossBudget: 1 },
  // One batch is lost, the one that nobody answered: a scrape or a few, whatever they are a share of.
  { fault: 'swallow', seconds: 30 },
  // At its end, only the last seconds are on their way.
  { fault: 'slow', seconds: 90, lossBudget: 0, missingBudget: 4 },
  { fault: '429', seconds: 90 },
  { fault: '400', seconds: 90 },
  // A twentieth of the targets are above the quota, and of all scrapes, give or take one; the others lose nothing.
  { fault: 'limit', seconds: 90, lossBudget: 6 },
];

/** Requests a second to a receiver that answers 500 or not at all. Five are sent at once where a batch is large. */
export const REQUEST_BUDGET = 5;

/** Other time-outs, tries and batches, for comparison. The first are the exporter's own. */
export const SWEEP: readonly RemoteWriteTiming[] = [
  { timeoutSeconds: 5, retrySeconds: 0.05, batchMilliseconds: 1000 },
  { timeoutSeconds: 30, retrySeconds: 1, batchMilliseconds: 1000 },
  { timeoutSeconds: 60, retrySeconds: 2, batchMilliseconds: 1000 },
  { timeoutSeconds: 60, retrySeconds: 2, batchMilliseconds: 500 },
  { timeoutSeconds: 120, retrySeconds: 2, batchMilliseconds: 1000 },
  REMOTE_WRITE,
  { timeoutSeconds: 120, retrySeconds: 2, batchMilliseconds: 200 },
];

/** The outages that they are compared by. */
export const SWEPT: readonly OutageCase[] = [
  { fault: '500', seconds: 90 },
  { fault: 'hold', seconds: 30 },
  { fault: 'swallow', seconds: 30 },
  { fault: 'swallow', seconds: 90 },
  { fault: 'slow', seconds: 90 },
];

/** A quota of active series that is used up for good, with and without {@link RETRY_ON_429}. */
export const LASTING_LIMIT: OutageCase = { fault: 'limit', seconds: 600 };

/** The gate that makes the exporter try again after 429; closed as deployed. */
export const RETRY_ON_429 = 'exporter.prometheusremotewritexporter.RetryOn429';

export interface LoadCase {
  readonly fleet: FleetSize;
  /** Memory of the task in MiB; the collector's container has what target-sync leaves. */
  readonly taskMemory: number;
}

export const LOADS: readonly LoadCase[] = [
  { fleet: { targets: 100, series: 100 }, taskMemory: 1024 },
  { fleet: { targets: 500, series: 100 }, taskMemory: 1024 },
  { fleet: { targets: 5000, series: 10 }, taskMemory: 1024 },
  { fleet: { targets: 1000, series: 100 }, taskMemory: 2048 },
  { fleet: { targets: 2000, series: 100 }, taskMemory: 4096 },
];
