import { LONG_POLL_SECONDS } from '../../functions/aws/change-queue.ts';
import { backoff, type Clock } from '../../functions/discovery/clock.ts';
import { withAdvice } from './advice.ts';
import type { Health } from './health.ts';
import type { Incidents } from './incidents.ts';
import { pause } from './pause.ts';
import type { Publisher } from './publisher.ts';
import type { ShardSource } from './shard-source.ts';

/**
 * Reads every shard of this collector at the start and then every few minutes: whatever no event told, the reading
 * finds. A pass that failed is tried again soon, and one that found an older version looks again soon, to know whether
 * it lagged behind or the parameter was made anew.
 */
export interface Refresh {
  run(signal: AbortSignal): Promise<void>;
  /** Makes the next pass happen now. */
  wake(): void;
}

export interface RefreshParts {
  readonly source: ShardSource;
  readonly publisher: Publisher;
  readonly incidents: Incidents;
  readonly health: Health;
  readonly clock: Clock;
  readonly clusters: readonly string[];
  /** The shards of each cluster that are this collector's. */
  readonly shards: readonly number[];
  readonly seconds: number;
  /** Called when a pass is over. */
  readonly afterWork: () => void;
}

const RETRY_FIRST = 1000;
/** SSM is consistent again within seconds; an older version that is still there after this is no lag. */
const LOOK_AGAIN = 15_000;
/**
 * The second pass comes soon. A target-sync that was killed leaves a request open on the queue, and a message may still
 * be handed to nobody in answer; once that request has timed out, everything told until then is in the shards.
 */
const SECOND_PASS = (LONG_POLL_SECONDS + 1) * 1000;

/** What a pass led to. */
export interface PassOutcome {
  /** What became of each shard, or `failed` for a cluster that could not be read. */
  readonly results: readonly string[];
  /** How many passes failed in a row, this one not counted. */
  readonly failures: number;
  /** No pass before it went through. */
  readonly first: boolean;
}

/** Milliseconds until the next pass. @param period milliseconds between passes when all is well */
export function untilNextPass({ results, failures, first }: PassOutcome, period: number, clock: Clock): number {
  if (results.includes('failed')) return backoff(clock, failures, { first: RETRY_FIRST, longest: period });
  if (results.includes('held')) return Math.min(LOOK_AGAIN, period);
  return first ? Math.min(SECOND_PASS, period) : period;
}

export function createRefresh(parts: RefreshParts): Refresh {
  const { source, publisher, incidents, health, clock, clusters, shards } = parts;
  const period = parts.seconds * 1000;
  let waking = new AbortController();

  async function refreshCluster(cluster: string, signal: AbortSignal): Promise<string[]> {
    try {
      const readings = await source.read(cluster, shards);
      incidents.end(cluster);
      const results: string[] = [];
      for (const shard of shards) {
        if (signal.aborted) break;
        results.push(await publisher.publish(cluster, shard, readings.get(shard), { cause: 'refresh' }));
      }
      return results;
    } catch (error) {
      incidents.begin(cluster, `the files stay as they are: ${withAdvice(error)}`, { cluster });
      return ['failed'];
    }
  }

  return {
    async run(signal) {
      let failures = 0;
      let first = true;
      while (!signal.aborted) {
        const woken = waking.signal;
        const results = (await Promise.all(clusters.map((cluster) => refreshCluster(cluster, signal)))).flat();
        if (results.length === 0) health.contact();
        parts.afterWork();
        const wait = untilNextPass({ results, failures, first }, period, clock);
        const hasFailed = results.includes('failed');
        failures = hasFailed ? failures + 1 : 0;
        first &&= hasFailed;
        await pause(wait, signal, woken);
      }
    },
    wake() {
      waking.abort();
      waking = new AbortController();
    },
  };
}
