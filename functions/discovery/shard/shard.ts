/**
 * A shard: part of a cluster's targets, kept in one SSM parameter.
 *
 * What racing writers made of it can be merged ({@link mergeShards}): what a writer only carried along says nothing,
 * per task the higher task version wins, and a stop wins over everything. A stopped task is remembered for
 * {@link STOP_MEMORY_SECONDS}: long enough that no writer which still saw it running can bring it back.
 */
import { isDeepStrictEqual } from 'node:util';
import type { TaskTargets } from '../target/task-targets.ts';
import type { TaskId } from '../task/task.ts';

export interface Shard {
  readonly tasks: ReadonlyMap<TaskId, TaskTargets>;
  /** Stopped tasks, each with the time until which it is remembered, in seconds since 1970. */
  readonly stopped: ReadonlyMap<TaskId, number>;
}

export type ShardChange =
  /** The task runs and offers these targets. */
  | { readonly kind: 'upsert'; readonly targets: TaskTargets }
  /** The task stopped; it never comes back. */
  | { readonly kind: 'stop'; readonly taskId: TaskId }
  /** The task runs but nothing selects it any more; it may come back. */
  | { readonly kind: 'deselect'; readonly taskId: TaskId };

/** How old an observation of a running task may be when it is written, in seconds. */
export const OBSERVATION_LIFETIME_SECONDS = 30;

/** How long a stop is remembered: twice the life of an observation, for clocks that differ and requests in flight. */
export const STOP_MEMORY_SECONDS = 2 * OBSERVATION_LIFETIME_SECONDS;

export const EMPTY_SHARD: Shard = { tasks: new Map(), stopped: new Map() };

/** The task that a change is about. */
export const changedTask = (change: ShardChange): TaskId =>
  change.kind === 'upsert' ? change.targets.taskId : change.taskId;

/**
 * Applies changes to a shard; what is already so stays untouched, so a result equal to the input needs no write.
 *
 * ```
 *            in the shard:  absent     same       older      newer      stopped
 * upsert                    added      –          replaced   –          –
 * stop                      remember   remove and remember (all)        –
 * deselect                  –          removed    removed    removed    –
 * ```
 *
 * @param now seconds since 1970
 */
export function applyChanges(shard: Shard, changes: readonly ShardChange[], now: number): Shard {
  const tasks = new Map(shard.tasks);
  const stopped = new Map(shard.stopped);
  for (const change of changes) {
    switch (change.kind) {
      case 'upsert': {
        const { targets } = change;
        const current = tasks.get(targets.taskId);
        if (stopped.has(targets.taskId) || (current && current.version > targets.version)) break;
        if (!current || !sameTargets(current, targets)) tasks.set(targets.taskId, targets);
        break;
      }
      case 'stop':
        if (!stopped.has(change.taskId)) stopped.set(change.taskId, now + STOP_MEMORY_SECONDS);
        tasks.delete(change.taskId);
        break;
      case 'deselect':
        tasks.delete(change.taskId);
        break;
    }
  }
  return { tasks, stopped };
}

/**
 * What two writers wrote, together. Where both changed a task, a higher version wins, and `newer` between equal ones; who
 * changed it wins over who took it out.
 *
 * @param start what both started from; where that is not known, all that either has is kept
 */
export function mergeShards(older: Shard, newer: Shard, start: Shard = EMPTY_SHARD): Shard {
  const stopped = new Map(older.stopped);
  for (const [taskId, until] of newer.stopped) stopped.set(taskId, Math.max(until, stopped.get(taskId) ?? 0));
  const tasks = new Map<TaskId, TaskTargets>();
  for (const taskId of new Set([...older.tasks.keys(), ...newer.tasks.keys()])) {
    const merged = mergeEntries(older.tasks.get(taskId), newer.tasks.get(taskId), start.tasks.get(taskId));
    if (merged && !stopped.has(taskId)) tasks.set(taskId, merged);
  }
  return { tasks, stopped };
}

type Entry = TaskTargets | undefined;

function mergeEntries(older: Entry, newer: Entry, start: Entry): Entry {
  if (start && isDeepStrictEqual(older, start)) return newer;
  if (start && isDeepStrictEqual(newer, start)) return older;
  if (!older || !newer) return newer ?? older;
  return older.version <= newer.version ? newer : older;
}

/** Forgets the stops whose time has passed. Only ever after merging: a stop must outlive the writers it guards against. */
export function forgetStops(shard: Shard, now: number): Shard {
  return { tasks: shard.tasks, stopped: new Map([...shard.stopped].filter(([, until]) => until > now)) };
}

/** Whether two shards hold the same tasks and stops. */
export function sameShard(a: Shard, b: Shard): boolean {
  return (
    a.tasks.size === b.tasks.size &&
    a.stopped.size === b.stopped.size &&
    [...a.stopped.keys()].every((taskId) => b.stopped.has(taskId)) &&
    [...a.tasks].every(([taskId, targets]) => isDeepStrictEqual(targets, b.tasks.get(taskId)))
  );
}

/** Whether two entries differ in nothing but the version of the task, which alone is not worth a write. */
export const sameTargets = (a: TaskTargets, b: TaskTargets): boolean =>
  isDeepStrictEqual({ ...a, version: 0 }, { ...b, version: 0 });
