import { isNewer } from '../../../functions/discovery/change/order.ts';
import { EMPTY_SHARD, stampOf } from '../../../functions/discovery/shard/shard.ts';
import type { TaskTargets } from '../../../functions/discovery/target/task-targets.ts';
import type { TaskId } from '../../../functions/discovery/task/task.ts';
import type { KnownStatements } from './known-statements.ts';

/** What the file of a shard shows; undefined while nothing is known of the shard. */
export function shownTargets({ configurations, heard }: KnownStatements, shard: number): TaskTargets[] | undefined {
  const known = configurations.get(shard);
  const changes = heard.of(shard);
  if (!known && changes.length === 0) return undefined;
  const { tasks } = known?.merged ?? EMPTY_SHARD;
  const shown = new Map<TaskId, TaskTargets>();
  for (const [taskId, it] of tasks) {
    const last = heard.get(taskId);
    // A task that stands in a shard of before stays there until resync has moved it: twice rather than not at all.
    const isReplaced = last && (last.change.kind !== 'upsert' || last.home === shard);
    if (!(isReplaced && isNewer(last.change, stampOf(it)))) shown.set(taskId, it.targets);
  }
  for (const { change } of changes) {
    if (change.kind === 'upsert' && !shown.has(change.taskId)) shown.set(change.taskId, change.targets);
  }
  return [...shown.values()];
}
