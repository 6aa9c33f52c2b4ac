/** What is known of one shard of a cluster, as it survives a restart. */
import type { TaskChange } from '../../../functions/discovery/change/change.ts';
import type { Shard } from '../../../functions/discovery/shard/shard.ts';

/** A shard of the configuration as it was read: the version that counts, and what it holds. */
export interface Configuration {
  readonly version: number;
  readonly shard: Shard;
}

/** Readings that are not newer than the configuration that is known, and say something else. */
export interface LowerReading extends Configuration {
  /** Since when there are only such readings, in milliseconds since 1970 by the clock of this host. */
  readonly since: number;
}

/** A change that was heard of, and when, in milliseconds since 1970 by the clock of this host. */
export interface HeardChange {
  readonly change: TaskChange;
  readonly heardAt: number;
}

export interface ShardState {
  readonly configuration: Configuration | undefined;
  readonly lower?: LowerReading | undefined;
  /** Changes of tasks that belong in the shard, and removals of those that it shows. */
  readonly heard: readonly HeardChange[];
}
