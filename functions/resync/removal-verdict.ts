/** Which of the differences that a resync found it may act on. */
import { tooManyRemovals } from '../discovery/plan/removal-guard.ts';
import type { TaskId } from '../discovery/task/task.ts';
import type { ClusterState } from './cluster-state.ts';
import { type ComparedTask, differs, isRemoval } from './compare-tasks.ts';
import type { ResyncRequest } from './resync-summary.ts';

export interface RemovalVerdict {
  /** Removals are held back, because they are too many. */
  readonly isHeld: boolean;
  /** Tasks that may be removed. */
  readonly removable: ReadonlySet<TaskId>;
}

/**
 * A task that is registered counts like one that is published: the configuration may lag behind.
 *
 * @param all what the first look found
 * @param limitPercent largest share of the tasks that may be missing
 */
export function judgeRemovals(
  all: readonly ComparedTask[],
  { instances }: Pick<ClusterState, 'instances'>,
  request: ResyncRequest,
  limitPercent: number,
): RemovalVerdict {
  const known = all.filter(({ published, look }) => instances.has(look.taskId) || typeof published === 'object');
  const removals = known.filter((task) => isRemoval(task) || task.misregistered.length > 0).length;
  const confirmed = all.filter(isConfirmed).length;
  const isHeld = !request.force && tooManyRemovals({ removals, confirmed, published: known.length }, limitPercent);
  return { isHeld, removable: new Set(isHeld ? [] : all.filter(isRemoval).map(({ look }) => look.taskId)) };
}

/** Those of some tasks that differ, and that the verdict lets be corrected. */
export const correctable = (tasks: readonly ComparedTask[], { isHeld }: RemovalVerdict): ComparedTask[] =>
  tasks.filter((task) => differs(task) && !(isHeld && !isConfirmed(task)));

/** ECS shows it as running, and something selects it. */
const isConfirmed = ({ look }: ComparedTask): boolean => look.observation.kind === 'offers';
