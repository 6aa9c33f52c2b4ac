/** What an observation of a task means for what is published of it. */
import type { TaskChange } from '../change/change.ts';
import { sameTargets } from '../shard/shard.ts';
import type { TaskTargets } from '../target/task-targets.ts';
import { beforeItRan, notKnownYet } from '../task/not-yet-visible.ts';
import type { TaskId } from '../task/task.ts';

/** What was seen of one task. */
export type Observation =
  /** It runs, and offers these targets. */
  | { readonly kind: 'offers'; readonly targets: TaskTargets }
  /** It runs, and nothing selects it, or nothing of it can be scraped. */
  | { readonly kind: 'unselected'; readonly version: number; readonly service?: string }
  /** It neither runs nor is told to stop. */
  | { readonly kind: 'starting' }
  | { readonly kind: 'stopped'; readonly version: number; readonly service?: string }
  /** ECS does not know it. */
  | { readonly kind: 'missing' }
  /** AWS could not or would not say; nothing follows from that. */
  | { readonly kind: 'unknown'; readonly error: Error };

/** What is published of a task; `unread` where nobody looked, as for an event. */
export type Published = TaskTargets | 'nothing' | 'unread';

export type Plan =
  | TaskChange
  | { readonly kind: 'nothing' }
  /** What is published stays, and the task has to be looked at again. */
  | { readonly kind: 'held'; readonly error: Error };

const NOTHING: Plan = { kind: 'nothing' };

/**
 * Decides what to do about one task. Events come with nothing read, resync with what it read. Absent is not unknown: only
 * a task that ECS calls stopped or does not know, or that nothing selects, is removed.
 *
 * ```
 *              published:  unread     nothing    the same   other targets
 * offers targets           upsert     upsert     nothing    upsert
 * unselected               nothing    nothing    deselect   deselect
 * starting                 nothing    nothing    held       held
 * stopped                  stop       nothing    stop       stop
 * missing                  held       nothing    stop       stop
 * unknown                  held       held       held       held
 * ```
 *
 * A task that is published and seems to start has not been seen right: its description is older than its publication.
 *
 * @param observed when it was seen, in whole seconds since 1970
 */
export function plan(taskId: TaskId, published: Published, observation: Observation, observed: number): Plan {
  const isPublished = typeof published === 'object';
  switch (observation.kind) {
    case 'offers': {
      const { targets } = observation;
      if (isPublished && sameTargets(published, targets)) return NOTHING;
      return { kind: 'upsert', taskId, version: targets.version, observed, targets };
    }
    case 'unselected':
      return isPublished ? removal('deselect', taskId, observation, observed) : NOTHING;
    case 'starting':
      return isPublished ? held(beforeItRan()) : NOTHING;
    case 'stopped':
      return published === 'nothing' ? NOTHING : removal('stop', taskId, observation, observed);
    case 'missing':
      if (published === 'unread') return held(notKnownYet());
      return isPublished ? { kind: 'stop', taskId, version: published.version, observed } : NOTHING;
    case 'unknown':
      return held(observation.error);
  }
}

const removal = (
  kind: 'stop' | 'deselect',
  taskId: TaskId,
  { version, service }: { readonly version: number; readonly service?: string },
  observed: number,
): TaskChange => ({ kind, taskId, version, observed, ...(service !== undefined && { service }) });

const held = (error: Error): Plan => ({ kind: 'held', error });
