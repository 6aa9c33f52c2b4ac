import type { ControlPlane } from '../ecs/control-plane.ts';
import { type Observer, observe } from './observer.ts';
import { presences, type Vantage } from './presence.ts';

export interface Watch {
  readonly observer: Observer;
  /** What must never happen: running tasks that were published and then were not, in words. */
  readonly vanished: readonly string[];
}

/** Observes all stages, and notes each running task that vanishes from one. */
export const watch = (vantage: Vantage, plane: ControlPlane): Watch => {
  const vanished: string[] = [];
  const observer = observe(presences(vantage), (stage, taskId, blind) => {
    // What a scraper could not reach for a moment did not vanish from its targets, and one that was killed and started
    // again begins with none.
    if (stage === 'sample' || (stage === 'target' && blind)) return;
    if (plane.task(taskId)?.desiredStatus !== 'RUNNING') return;
    vanished.push(`task ${taskId.slice(0, 8)} from ${stage}`);
  });
  return { observer, vanished };
};
