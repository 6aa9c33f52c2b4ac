/** Which of several collectors this one is: they share the shards of every cluster between them. */
export interface CollectorShare {
  /** Counted from 0. */
  readonly index: number;
  readonly count: number;
}

/** A shard belongs to exactly one collector, whichever way the settings name the clusters. */
export const ownsShard = ({ index, count }: CollectorShare, shard: number): boolean => shard % count === index;

/** The shards of a cluster that a collector takes. */
export const ownShards = (collector: CollectorShare, shards: number): number[] =>
  Array.from({ length: shards }, (_, shard) => shard).filter((shard) => ownsShard(collector, shard));
