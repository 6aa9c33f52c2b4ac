/**
 * A shard: part of a cluster's targets, kept in one SSM parameter.
 *
 * It is a state-based CRDT. Per task the higher task version wins, and a stop wins over any version, so that
 * {@link mergeShards} of what two racing writers wrote is the same in whatever order it is done, and merging again
 * changes nothing. A stopped task is remembered for {@link STOP_MEMORY_SECONDS}: long enough that no writer which
 * still saw it running can bring it back.
 */
import { isDeepStrictEqual } from 'node:util';
import type { TaskId } from './task.ts';
import type { TaskTargets } from './task-targets.ts';

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

/** What two writers who started from a common version wrote, together. `newer` decides where versions are equal. */
export function mergeShards(older: Shard, newer: Shard): Shard {
  const stopped = new Map(older.stopped);
  for (const [taskId, until] of newer.stopped) stopped.set(taskId, Math.max(until, stopped.get(taskId) ?? 0));
  const tasks = new Map(older.tasks);
  for (const [taskId, targets] of newer.tasks) {
    const other = tasks.get(taskId);
    if (!other || other.version <= targets.version) tasks.set(taskId, targets);
  }
  for (const taskId of stopped.keys()) tasks.delete(taskId);
  return { tasks, stopped };
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
