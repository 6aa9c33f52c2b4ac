import { backoff, type Clock } from '../../../functions/discovery/clock.ts';
import type { Health } from '../operator/health.ts';
import { type ReadingParts, type Result, readShards } from './read-shards.ts';

/** Reads the configuration: at the start, when a shard is wanted, and every few minutes. */
export interface ConfigurationReader {
  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Asks for shards of a cluster to be read soon. @param done called when all of them were read after this call */
  want(cluster: string, shards: ReadonlySet<number>, done?: () => void): void;
}

export interface ReaderParts extends ReadingParts {
  /** The shards of each cluster that are this collector's. */
  readonly shards: readonly number[];
  readonly health: Health;
  /** Seconds between two readings of everything when all is well. */
  readonly seconds: number;
  /** Called when a reading is over. */
  readonly afterWork: () => void;
}

/** Milliseconds; what was wanted meanwhile is read together. */
const GATHERING = 200;
const RETRY_FIRST = 1000;
/** A process that is young reads often: its predecessor on the same queue may have taken messages. In milliseconds. */
const YOUNG = { age: 10 * 60_000, period: 15_000 };
/** Milliseconds until a shard that was read at a lower version is read again. */
const LOOK_AGAIN = 15_000;

interface Wanted {
  readonly cluster: string;
  readonly shards: ReadonlySet<number>;
  readonly done: () => void;
}

/** Milliseconds until everything is read again. @param period milliseconds between readings when all is well */
export function untilNextReading(
  { results, failures, age }: { readonly results: readonly Result[]; readonly failures: number; readonly age: number },
  period: number,
  clock: Clock,
): number {
  const regular = age < YOUNG.age ? Math.min(YOUNG.period, period) : period;
  if (results.includes('failed'))
    return Math.min(regular, backoff(clock, failures, { first: RETRY_FIRST, longest: period }));
  return results.includes('lower') ? Math.min(LOOK_AGAIN, regular) : regular;
}

export function createConfigurationReader(parts: ReaderParts): ConfigurationReader {
  const { clusters, shards, health, clock } = parts;
  const period = parts.seconds * 1000;
  let wanted: Wanted[] = [];
  let waking = new AbortController();

  /** @returns how each shard went, by cluster and shard */
  async function readAll(): Promise<Map<string, Result>> {
    return new Map((await Promise.all([...clusters.keys()].map((cluster) => read(cluster, shards)))).flat());
  }

  async function readWanted(some: readonly Wanted[]): Promise<Map<string, Result>> {
    const byCluster = [...Map.groupBy(some, ({ cluster }) => cluster)];
    const all = byCluster.map(([cluster, them]) => read(cluster, [...new Set(them.flatMap((it) => [...it.shards]))]));
    return new Map((await Promise.all(all)).flat());
  }

  async function read(cluster: string, numbers: readonly number[]): Promise<[string, Result][]> {
    const results = await readShards(parts, cluster, numbers);
    return [...results].map(([shard, result]) => [`${cluster}/${shard}`, result]);
  }

  return {
    async run(signal) {
      const began = clock.now();
      let failures = 0;
      let due = began;
      while (!signal.aborted) {
        const isDue = clock.now() >= due;
        if (isDue || wanted.length > 0) {
          const before = wanted;
          wanted = [];
          const read = isDue ? await readAll() : await readWanted(before);
          for (const { cluster, shards: them, done } of before) {
            if ([...them].every((shard) => (read.get(`${cluster}/${shard}`) ?? 'failed') !== 'failed')) done();
          }
          const results = [...read.values()];
          const hasFailed = results.includes('failed');
          if (shards.length === 0 || results.some((it) => it !== 'failed')) health.contact();
          if (hasFailed) failures += 1;
          else if (isDue) failures = 0;
          const next = clock.now() + untilNextReading({ results, failures, age: clock.now() - began }, period, clock);
          due = isDue ? next : Math.min(due, next);
        }
        parts.afterWork();
        const woken = waking.signal;
        if (wanted.length > 0) await clock.sleep(GATHERING, signal);
        else await clock.sleep(Math.max(0, due - clock.now()), signal, woken);
      }
    },
    want(cluster, numbers, done = () => {}) {
      wanted.push({ cluster, shards: numbers, done });
      waking.abort();
      waking = new AbortController();
    },
  };
}
