import type { TargetGroup } from '../../functions/discovery/target/file-sd.ts';

/** What reading a shard brought. */
export type ShardReading =
  | { readonly kind: 'targets'; readonly version: number; readonly groups: readonly TargetGroup[] }
  | { readonly kind: 'missing'; readonly parameter: string }
  | { readonly kind: 'unreadable'; readonly parameter: string; readonly version: number; readonly error: Error };

/** Where the targets come from. */
export interface ShardSource {
  /** The current state of some shards of a cluster, by shard number. Rejects when it could not be asked. */
  read(cluster: string, shards: readonly number[]): Promise<ReadonlyMap<number, ShardReading>>;
}
