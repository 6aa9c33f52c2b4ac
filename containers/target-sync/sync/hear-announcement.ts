import type { Announcement } from '../../../functions/discovery/change/announcement.ts';
import type { TaskChange } from '../../../functions/discovery/change/change.ts';
import type { ClusterTargets } from './cluster-targets.ts';

/** What one message leads to. */
export interface Effect {
  readonly cluster: string;
  /** Shards whose files have to be written. */
  readonly shards: ReadonlySet<number>;
  /** Shards that have to be read before the message is done. */
  readonly unread: ReadonlySet<number>;
  /** When what the message says happened, in milliseconds since 1970; absent where it says nothing new. */
  readonly changedAt?: number;
}

export const NO_EFFECT: Effect = { cluster: '', shards: new Set(), unread: new Set() };

export interface Hearing {
  readonly known: ClusterTargets;
  /** Shards whose last writing failed. */
  readonly failed: ReadonlySet<number>;
  readonly owns: (shard: number) => boolean;
  /** Milliseconds since 1970 by the clock of this host. */
  readonly now: number;
  readonly isBelieved: (change: TaskChange) => boolean;
  /** Called for each change that is newer than what was known. */
  readonly heard: (change: TaskChange) => void;
}

/** @returns what follows, and as `news` the shards of which there is a version that is not known */
export function hearAnnouncement(
  announcement: Announcement,
  { known, failed, owns, now, isBelieved, heard }: Hearing,
): Effect & { readonly news: ReadonlySet<number> } {
  const { cluster, changes, compared, written, changedAt } = announcement;
  const isOurs = (it: { shard: number; shards: number }): boolean => it.shards === known.shards && owns(it.shard);
  const shards = new Set<number>();
  const unread = new Set<number>();
  let isNew = false;
  for (const change of changes) {
    if (isBelieved(change)) {
      const changed = known.hear(change, now);
      for (const shard of changed) shards.add(shard);
      if (changed.length > 0) {
        isNew = true;
        heard(change);
      }
    } else if (!known.knows(change)) unread.add(known.home(change.taskId));
    // What was heard before may not have reached the file.
    if (failed.size > 0) for (const shard of known.shardsOf(change.taskId)) if (failed.has(shard)) shards.add(shard);
  }
  // With its word resync announces what it found missing. Where that is not believed, the word would remove it from the file.
  for (const word of compared) if (isOurs(word) && !unread.has(word.shard)) known.compared(word, now);
  const news = written.filter((it) => isOurs(it) && it.version !== known.version(it.shard)).map(({ shard }) => shard);
  return {
    cluster,
    shards,
    unread: new Set([...unread].filter(owns)),
    news: new Set(news),
    ...(isNew && changedAt !== undefined && { changedAt }),
  };
}
