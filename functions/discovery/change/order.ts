/** The one order of statements about a task; every consumer uses it and no other. */
import type { Stamp } from './change.ts';

/**
 * Whether `a` replaces `b`, both about one task. They are ordered by stopped, then the task's version, then the time of
 * the observation; a stop is last, whatever comes. Between two that are equal in all of it, a task stays a target.
 *
 * ```
 *              b:  upsert               deselect                stop
 * a  upsert        version, then time   version, then time, =   never
 *    deselect      version, then time   version, then time      never
 *    stop          always               always                  never
 * ```
 */
export function isNewer(a: Stamp, b: Stamp): boolean {
  if (b.kind === 'stop') return false;
  if (a.kind === 'stop') return true;
  if (a.version !== b.version) return a.version > b.version;
  if (a.observed !== b.observed) return a.observed > b.observed;
  return a.kind === 'upsert' && b.kind === 'deselect';
}

/** Of statements about several tasks the newest one of each task. */
export function newestOfEach<Change extends Stamp & { readonly taskId: string }>(
  changes: readonly Change[],
): Map<Change['taskId'], Change> {
  const newest = new Map<Change['taskId'], Change>();
  for (const change of changes) {
    const known = newest.get(change.taskId);
    if (!known || isNewer(change, known)) newest.set(change.taskId, change);
  }
  return newest;
}
