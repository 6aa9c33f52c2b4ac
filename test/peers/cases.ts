/** The fleets of `npm run bench -- --peers`: all of it in less than ten minutes. */
import type { FleetCase } from './compare-fleet.ts';
import { FAULT_REFRESH, FAULT_SECONDS } from './report/page.ts';

/** A shard for 60 tasks, and for 80 where there are many, as in the other benches. */
export const CASES: readonly FleetCase[] = [
  {
    ...{ tasks: 1000, services: 100, shards: 17 },
    // As long as the longest interval of them: no moment of it is preferred.
    changes: { count: 60, seconds: 60, patience: 75 },
    outages: { refresh: FAULT_REFRESH, lasts: FAULT_SECONDS, patience: 15 },
  },
  { tasks: 10_000, services: 500, shards: 125, changes: { count: 24, seconds: 60, patience: 90 } },
];
