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
  let best = 0;
  let highest = -1;
  for (let shard = 0; shard < shards; shard++) {
    const weight = hash(`${taskId}/${shard}`);
    if (weight > highest) {
      best = shard;
      highest = weight;
    }
  }
  return best;
}

/** FNV-1a, then the finalizer of MurmurHash3: inputs that differ in the last character alone must spread, too. */
function hash(text: string): number {
  let h = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193);
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
