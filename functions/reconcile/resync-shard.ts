/** What one shard needs to be equal to what ECS says. */
import type { Ecs, TaskAnswer } from '../aws/ecs.ts';
import { describeError } from '../aws/errors.ts';
import type { ShardRead } from '../aws/shard-store.ts';
import { LABELS } from '../discovery/labels.ts';
import { isRegistered, type RegisteredInstance } from '../discovery/registration.ts';
import { sameTargets } from '../discovery/shard.ts';
import { isRunning, isStopped, type Task, type TaskId } from '../discovery/task.ts';
import type { TaskTargets } from '../discovery/task-targets.ts';
import { type Counts, noCounts } from './resync-summary.ts';
import type { ScrapingLookup } from './scraping.ts';
import type { TaskChange } from './task-changes.ts';

export interface ShardScope {
  readonly cluster: string;
  /** Only tasks of this service are looked at. */
  readonly service: string | undefined;
  /** Tasks of the shard that ECS lists. */
  readonly listed: ReadonlySet<TaskId>;
  /** Whether a task belongs to the shard. */
  readonly isHome: (taskId: TaskId) => boolean;
  /** Tasks of the shard that stand in another one, because the number of shards changed. */
  readonly strays: ReadonlySet<TaskId>;
  /** Instances of owned registries whose tasks belong to the shard, with their registry. */
  readonly instances: ReadonlyMap<TaskId, RegisteredInstance & { readonly registryId: string }>;
  /** Whether a task may be removed if it has to; where not, it is left as it is. */
  readonly mayRemove: (taskId: TaskId) => boolean;
}

export interface ShardPlan {
  readonly changes: readonly TaskChange[];
  readonly counts: Counts;
  readonly skipped: readonly string[];
  readonly problems: readonly string[];
}

/** Whether an entry of a shard is looked at. */
export const inScope = (targets: TaskTargets, service: string | undefined): boolean =>
  service === undefined || targets.labels[LABELS.service] === service;

/** Looks at the shard's tasks and says what to change; reads only. */
export async function planShard(
  deps: { readonly ecs: Ecs; readonly scraping: ScrapingLookup },
  read: ShardRead,
  scope: ShardScope,
): Promise<ShardPlan> {
  const published = read.kind === 'shard' ? read.shard.tasks : new Map<TaskId, TaskTargets>();
  const entries = [...published.values()].filter(
    (targets) => inScope(targets, scope.service) && scope.isHome(targets.taskId),
  );
  const ids = new Set([
    ...scope.listed,
    ...scope.strays,
    ...scope.instances.keys(),
    ...entries.map(({ taskId }) => taskId),
  ]);
  const answers = await deps.ecs.describeTasks(scope.cluster, [...ids].sort());

  const plan = { changes: [] as TaskChange[], counts: noCounts(), skipped: [] as string[], problems: [] as string[] };
  await Promise.all(
    [...answers].map(async ([taskId, answer]) => {
      plan.counts.checked++;
      try {
        await planTask(deps, plan, scope, { taskId, answer, before: published.get(taskId) });
      } catch (error) {
        plan.problems.push(`task ${taskId}: ${describeError(error)}`);
      }
    }),
  );
  return plan;
}

interface Seen {
  readonly taskId: TaskId;
  readonly answer: TaskAnswer;
  readonly before: TaskTargets | undefined;
}

/** Absent is not unknown: only a task that ECS says is stopped or missing, or that nothing selects, is removed. */
async function planTask(
  deps: { readonly scraping: ScrapingLookup },
  plan: { changes: TaskChange[]; counts: Counts; skipped: string[] },
  scope: ShardScope,
  seen: Seen,
): Promise<void> {
  const { taskId, answer, before } = seen;
  switch (answer.kind) {
    case 'unknown':
      throw answer.error;
    case 'missing':
      if (scope.listed.has(taskId)) throw new Error('ECS lists the task but does not know it');
      return remove(plan, scope, seen, 'stop');
    case 'task':
      if (isStopped(answer.task)) return remove(plan, scope, seen, 'stop');
      if (isRunning(answer.task)) return planRunning(deps, plan, scope, answer.task, before);
  }
}

async function planRunning(
  { scraping }: { readonly scraping: ScrapingLookup },
  plan: { changes: TaskChange[]; counts: Counts; skipped: string[] },
  scope: ShardScope,
  task: Task,
  before: TaskTargets | undefined,
): Promise<void> {
  const { targets, registration, rejections } = await scraping.ofTask(task);
  plan.skipped.push(...rejections.map(({ reason }) => reason));
  const instance = scope.instances.get(task.id);
  if (!targets) return remove(plan, scope, { taskId: task.id, before }, 'deselect');

  const register = registration && !(instance && isRegistered(registration, instance)) ? registration : undefined;
  const deregister = instance && !registration ? { registryId: instance.registryId } : undefined;
  if (!before) plan.counts.added++;
  else if (!sameTargets(before, targets)) plan.counts.updated++;
  else if (!register && !deregister) {
    plan.counts.unchanged++;
    return;
  }
  if (register) plan.counts.registered++;
  if (deregister) plan.counts.deregistered++;
  plan.changes.push({ cluster: scope.cluster, change: { kind: 'upsert', targets }, register, deregister, again: true });
}

function remove(
  plan: { changes: TaskChange[]; counts: Counts },
  scope: ShardScope,
  { taskId, before }: Pick<Seen, 'taskId' | 'before'>,
  kind: 'stop' | 'deselect',
): void {
  const instance = scope.instances.get(taskId);
  const isPublished = before !== undefined || scope.strays.has(taskId);
  if ((!isPublished && !instance) || !scope.mayRemove(taskId)) return;
  if (isPublished) plan.counts.removed++;
  if (instance) plan.counts.deregistered++;
  plan.changes.push({
    cluster: scope.cluster,
    // An instance without targets needs no memory of its stop.
    change: { kind: isPublished ? kind : 'deselect', taskId },
    deregister: instance && { registryId: instance.registryId },
    again: true,
  });
}
