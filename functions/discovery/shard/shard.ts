/** A shard: part of a cluster's targets, kept in one SSM parameter. */
import { isDeepStrictEqual } from 'node:util';
import type { Stamp, TaskChange } from '../change/change.ts';
import { isNewer } from '../change/order.ts';
import type { TimedTargets } from '../target/target-groups.ts';
import type { TaskTargets } from '../target/task-targets.ts';
import type { TaskId } from '../task/task.ts';

export interface Shard {
  readonly tasks: ReadonlyMap<TaskId, TimedTargets>;
  /** Tasks that were removed not long ago: what keeps an older statement from bringing one back. */
  readonly removed: ReadonlyMap<TaskId, Removal>;
  /**
   * Which life of its parameter it belongs to: one that is deleted and created again counts its versions from 1, and passes
   * those of before. The document that a parameter is created with names none; who reads it does (shard-reader.ts).
   */
  readonly life?: string;
}

/** The statement that removed a task. */
export type Removal = Stamp & { readonly kind: 'stop' | 'deselect' };

/**
 * How old an observation that adds a task may be, in seconds, before ECS has to be asked again. ECS is eventually
 * consistent; after this long it no longer shows a task as running that an event called stopped.
 */
export const OBSERVATION_LIFETIME_SECONDS = 30;

/** How long a stop is remembered: twice the life of an observation. What is older than that is looked at again. */
export const STOP_MEMORY_SECONDS = 2 * OBSERVATION_LIFETIME_SECONDS;

/** How long a deselection is remembered: longer than a consumer that is throttled or down lags behind another. */
export const DESELECT_MEMORY_SECONDS = 60 * 60;

export const EMPTY_SHARD: Shard = { tasks: new Map(), removed: new Map() };

/** The stamp of a task that a shard holds. */
export const stampOf = ({ targets, observed }: TimedTargets): Stamp => ({
  kind: 'upsert',
  version: targets.version,
  observed,
});

/** The newest statement about a task that a shard holds. */
export function knownStamp({ tasks, removed }: Shard, taskId: TaskId): Stamp | undefined {
  const task = tasks.get(taskId);
  return task ? stampOf(task) : removed.get(taskId);
}

/**
 * Applies changes to a shard. Only a newer statement changes it (order.ts); an equal one, and an older one, change nothing.
 *
 * ```
 *            the shard has:  nothing    an older statement     a newer one
 * upsert                     add        replace                –
 * stop                       remember   remove and remember    –
 * deselect                   remember   remove and remember    –
 * ```
 *
 * So the order of the changes does not matter, nor how often one of them comes.
 */
export function applyChanges(shard: Shard, changes: Iterable<TaskChange>): Shard {
  const tasks = new Map(shard.tasks);
  const removed = new Map(shard.removed);
  for (const change of changes) {
    const { taskId } = change;
    const known = knownStamp({ tasks, removed }, taskId);
    if (known && !isNewer(change, known)) continue;
    if (change.kind === 'upsert') {
      tasks.set(taskId, { targets: change.targets, observed: change.observed });
      removed.delete(taskId);
    } else {
      tasks.delete(taskId);
      removed.set(taskId, { kind: change.kind, version: change.version, observed: change.observed });
    }
  }
  return { ...shard, tasks, removed };
}

/** Forgets removals whose time has passed. @param now seconds since 1970 */
export function forgetRemovals({ tasks, removed }: Shard, now: number): Shard {
  const lifetime = { stop: STOP_MEMORY_SECONDS, deselect: DESELECT_MEMORY_SECONDS };
  return { tasks, removed: new Map([...removed].filter(([, it]) => it.observed + lifetime[it.kind] > now)) };
}

/** Whether two shards offer the same targets. A version or a memory that differs is alone not worth a write. */
export const offersTheSame = (a: Shard, b: Shard): boolean =>
  a.tasks.size === b.tasks.size &&
  [...a.tasks].every(([taskId, { targets }]) => {
    const other = b.tasks.get(taskId);
    return other !== undefined && sameTargets(targets, other.targets);
  });

/** Whether two entries differ in nothing but the version of the task. */
export const sameTargets = (a: TaskTargets, b: TaskTargets): boolean =>
  a === b || isDeepStrictEqual({ ...a, version: 0 }, { ...b, version: 0 });
