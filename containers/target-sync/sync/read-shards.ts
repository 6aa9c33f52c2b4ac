import { chunks } from '../../../functions/aws/paging.ts';
import { NAMES_PER_CALL } from '../../../functions/aws/parameters.ts';
import type { ShardRead, ShardReader } from '../../../functions/aws/shard-reader.ts';
import type { Clock } from '../../../functions/discovery/clock.ts';
import { withAdvice } from '../operator/advice.ts';
import type { Incidents } from '../operator/incidents.ts';
import type { ClusterTargets } from './cluster-targets.ts';
import type { SyncObserver } from './observer.ts';
import type { Publisher } from './publisher.ts';

export interface ReadingParts {
  readonly source: Pick<ShardReader, 'read'>;
  readonly clusters: ReadonlyMap<string, ClusterTargets>;
  readonly publisher: Publisher;
  readonly incidents: Incidents;
  readonly clock: Clock;
  readonly observer?: SyncObserver;
}

/** How the reading of a shard went; `lower`: it has to be read again soon. */
export type Result = 'read' | 'lower' | 'failed';

/** Reads some shards of a cluster and writes their files. Those of one request are read together, and fail together. */
export async function readShards(
  parts: ReadingParts,
  cluster: string,
  shards: readonly number[],
): Promise<Map<number, Result>> {
  const { source, incidents } = parts;
  const failures: unknown[] = [];
  const results = await Promise.all(
    chunks(shards, NAMES_PER_CALL).map(async (some) => {
      try {
        const reads = await source.read(cluster, some);
        return await Promise.all(some.map(async (shard) => [shard, await take(parts, cluster, shard, reads)] as const));
      } catch (error) {
        failures.push(error);
        return some.map((shard) => [shard, 'failed'] as const);
      }
    }),
  );
  if (failures.length === 0) incidents.end(cluster);
  else {
    const problem = `the configuration is not read, and files follow announcements alone: ${withAdvice(failures[0])}`;
    incidents.begin(cluster, problem, { cluster });
  }
  return new Map<number, Result>(results.flat());
}

async function take(
  { clusters, publisher, incidents, clock, observer }: ReadingParts,
  cluster: string,
  shard: number,
  reads: ReadonlyMap<number, ShardRead>,
): Promise<Result> {
  const known = clusters.get(cluster);
  const read = reads.get(shard);
  const subject = `${cluster}/${shard}`;
  if (!known || read?.kind !== 'shard') {
    const parameter = read?.kind === 'missing' ? read.parameter : 'its parameter';
    const problem = `the file stays as it is: ${parameter} holds no shard – run resync, which writes it again`;
    incidents.begin(subject, problem, { cluster, shard });
    return 'failed';
  }
  incidents.end(subject);
  const { isLower, others } = known.read(shard, { version: read.version, shard: read.shard }, clock.now());
  observer?.read?.(cluster, shard);
  // A task that left this shard for another is in that file first.
  const written = await Promise.all([...others, shard].map((it) => publisher.publish(cluster, it)));
  if (!written.every(Boolean)) return 'failed';
  return isLower ? 'lower' : 'read';
}
