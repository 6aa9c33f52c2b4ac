import type { TaskChange } from '../../../functions/discovery/change/change.ts';

/** Receives what target-sync does, for its metrics and its status page. It decides nothing. */
export interface SyncObserver {
  /** A change was heard that is newer than what was known. */
  heard?(cluster: string, change: TaskChange): void;
  /** All files show the changes of an announcement. @param changedAt milliseconds since 1970 by the clock of AWS */
  shown?(changedAt: number): void;
  /** The configuration of a shard was read. */
  read?(cluster: string, shard: number): void;
  /** The file of a shard is as it should be. @param targets how many it has */
  published?(cluster: string, shard: number, targets: number): void;
}
