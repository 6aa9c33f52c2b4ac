import type { ShardRead, ShardReader } from '../../../functions/aws/shard-store.ts';
import { backoff, type Clock } from '../../../functions/discovery/clock.ts';
import { withAdvice } from '../operator/advice.ts';
import type { Health } from '../operator/health.ts';
import type { Incidents } from '../operator/incidents.ts';
import type { ClusterTargets } from './cluster-targets.ts';
import { pause } from './pause.ts';
import type { Publisher } from './publisher.ts';

/** Reads the configuration: at the start, when a shard is wanted, and every few minutes. */
export interface ConfigurationReader {
  /** Runs until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** Asks for shards of a cluster to be read soon. @param done called when all of them were read after this call */
  want(cluster: string, shards: ReadonlySet<number>, done?: () => void): void;
}

export interface ReaderParts {
  readonly source: Pick<ShardReader, 'read'>;
  readonly clusters: ReadonlyMap<string, ClusterTargets>;
  /** The shards of each cluster that are this collector's. */
  readonly shards: readonly number[];
  readonly publisher: Publisher;
  readonly incidents: Incidents;
  readonly health: Health;
  readonly clock: Clock;
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

/** How a reading went. */
type Result = 'read' | 'lower' | 'failed';

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
  const { source, clusters, shards, publisher, incidents, health, clock } = parts;
  const period = parts.seconds * 1000;
  let wanted: Wanted[] = [];
  let waking = new AbortController();

  async function readShards(cluster: string, numbers: readonly number[]): Promise<Result[]> {
    const known = clusters.get(cluster);
    if (!known || numbers.length === 0) return [];
    try {
      const reads = await source.read(cluster, numbers);
      incidents.end(cluster);
      return await Promise.all(numbers.map((shard) => take(cluster, known, shard, reads.get(shard))));
    } catch (error) {
      incidents.begin(
        cluster,
        `the configuration is not read, and files follow announcements alone: ${withAdvice(error)}`,
        {
          cluster,
        },
      );
      return ['failed'];
    }
  }

  async function take(
    cluster: string,
    known: ClusterTargets,
    shard: number,
    read: ShardRead | undefined,
  ): Promise<Result> {
    const subject = `${cluster}/${shard}`;
    if (read?.kind !== 'shard') {
      const parameter = read?.parameter ?? 'its parameter';
      incidents.begin(
        subject,
        `the file stays as it is: ${parameter} holds no shard – deploy the stack if it is gone, then run resync`,
        {
          cluster,
          shard,
        },
      );
      return 'failed';
    }
    incidents.end(subject);
    const result = known.read(shard, { version: read.version, shard: read.shard }, clock.now());
    known.forget(clock.now());
    if (!(await publisher.publish(cluster, shard))) return 'failed';
    health.contact();
    return result === 'lower' ? 'lower' : 'read';
  }

  async function readAll(): Promise<Result[]> {
    const results = await Promise.all([...clusters.keys()].map((cluster) => readShards(cluster, shards)));
    if (shards.length === 0) health.contact();
    return results.flat();
  }

  async function readWanted(): Promise<void> {
    const now = wanted;
    wanted = [];
    const byCluster = Map.groupBy(now, ({ cluster }) => cluster);
    await Promise.all(
      [...byCluster].map(async ([cluster, some]) => {
        const numbers = [...new Set(some.flatMap((it) => [...it.shards]))];
        const results = await readShards(cluster, numbers);
        if (!results.includes('failed')) for (const { done } of some) done();
      }),
    );
  }

  return {
    async run(signal) {
      const began = clock.now();
      let failures = 0;
      let due = began;
      while (!signal.aborted) {
        if (clock.now() >= due) {
          const before = wanted;
          wanted = [];
          const results = await readAll();
          const hasFailed = results.includes('failed');
          if (!hasFailed) for (const { done } of before) done();
          failures = hasFailed ? failures + 1 : 0;
          due = clock.now() + untilNextReading({ results, failures, age: clock.now() - began }, period, clock);
        } else if (wanted.length > 0) await readWanted();
        parts.afterWork();
        const woken = waking.signal;
        if (wanted.length > 0) await pause(clock, GATHERING, signal);
        else await pause(clock, Math.max(0, due - clock.now()), signal, woken);
      }
    },
    want(cluster, numbers, done = () => {}) {
      wanted.push({ cluster, shards: numbers, done });
      waking.abort();
      waking = new AbortController();
    },
  };
}
