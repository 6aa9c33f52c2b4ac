/** What of a shard fits into its parameter. */
import type { TaskId } from '../task/task.ts';
import type { Shard } from './shard.ts';
import { encodeShard } from './shard-codec.ts';

export interface FittedShard {
  /** The document, of at most the limit. */
  readonly text: string;
  /** What the document holds. */
  readonly shard: Shard;
  /** Tasks whose targets did not fit; those that were in the shard are as they were. */
  readonly refused: readonly TaskId[];
}

/**
 * Takes as many of the new and changed tasks into the shard as fit, those that grow least first, so that one that never fits
 * keeps no other out. The others stay as they were.
 *
 * @param before the shard as it is
 * @param base see shard-codec.ts
 * @param limit bytes of the document
 * @returns undefined where it does not even fit without what is new
 */
export function fitInto(wanted: Shard, before: Shard, base: number, limit: number): FittedShard | undefined {
  const size = (shard: Shard, taskId: TaskId): number => JSON.stringify(shard.tasks.get(taskId)?.targets ?? '').length;
  const growth = (taskId: TaskId): number => size(wanted, taskId) - size(before, taskId);
  const changed = [...wanted.tasks.keys()].filter((taskId) => wanted.tasks.get(taskId) !== before.tasks.get(taskId));
  const withFirst = (kept: number): Shard => {
    const tasks = new Map(wanted.tasks);
    for (const taskId of changed.slice(kept)) {
      const asItWas = before.tasks.get(taskId);
      if (asItWas) tasks.set(taskId, asItWas);
      else tasks.delete(taskId);
    }
    return { ...wanted, tasks };
  };
  const encode = (kept: number): string | undefined => encodeShard({ base, shard: withFirst(kept) }, limit);

  const whole = encode(changed.length);
  if (whole !== undefined) return { text: whole, shard: wanted, refused: [] };
  changed.sort((a, b) => growth(a) - growth(b));
  let fits = { kept: 0, text: encode(0) };
  if (fits.text === undefined) return undefined;
  let tooMany = changed.length;
  while (tooMany - fits.kept > 1) {
    const kept = Math.floor((fits.kept + tooMany) / 2);
    const text = encode(kept);
    if (text === undefined) tooMany = kept;
    else fits = { kept, text };
  }
  return { text: fits.text as string, shard: withFirst(fits.kept), refused: changed.slice(fits.kept) };
}
