/** Which shard a task belongs to: a function of its id alone, so that a stop finds it without reading the others. */
import type { TaskId } from '../task/task.ts';

/**
 * Rendezvous hashing: when the number of shards changes from n to n + 1, only one task in n + 1 moves, all of them
 * to the new shard.
 *
 * @param shards how many shards the cluster has, at least 1
 * @returns the shard's number, counted from 0
 */
export function shardOfTask(taskId: TaskId, shards: number): number {
  // The hash of `<task id>/<shard>`; what all shards share of it is computed once.
  const start = added(FNV_OFFSET, `${taskId}/`);
  let best = 0;
  let highest = -1;
  for (let shard = 0; shard < shards; shard++) {
    const weight = finished(added(start, String(shard)));
    if (weight > highest) {
      best = shard;
      highest = weight;
    }
  }
  return best;
}

const FNV_OFFSET = 0x811c9dc5;
const FNV_PRIME = 0x01000193;

/** FNV-1a. */
function added(hash: number, text: string): number {
  let h = hash;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), FNV_PRIME);
  return h;
}

/** The finalizer of MurmurHash3: inputs that differ in the last character alone must spread, too. */
function finished(hash: number): number {
  let h = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
