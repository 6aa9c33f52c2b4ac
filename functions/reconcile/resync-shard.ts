/** What one shard needs to be equal to what ECS says. */
import type { Ecs, TaskAnswer } from '../aws/ecs.ts';
import { describeError } from '../aws/errors.ts';
import type { ShardRead } from '../aws/shard-store.ts';
import type { Clock } from '../discovery/clock.ts';
import { sameTargets } from '../discovery/shard/shard.ts';
import { LABELS } from '../discovery/target/labels.ts';
import { isRegistered, type RegisteredInstance } from '../discovery/target/registration.ts';
import type { TaskTargets } from '../discovery/target/task-targets.ts';
import { isRunning, isStopped, type Task, type TaskId } from '../discovery/task/task.ts';
import { type ScrapingLookup, scrapingOf } from '../look-up/scraping.ts';
import { type Counts, noCounts } from '../resync/resync-summary.ts';
import type { TaskChange } from './task-changes.ts';

export type OwnedInstance = RegisteredInstance & { readonly registryId: string };

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
  /** Instances of owned registries, by the task of the shard that they stand for. */
  readonly instances: ReadonlyMap<TaskId, readonly OwnedInstance[]>;
  /** Whether a task may be removed if it has to; where not, it is left as it is. */
  readonly mayRemove: (taskId: TaskId) => boolean;
}

export interface Looking {
  readonly scraping: ScrapingLookup;
  readonly clock: Clock;
}

/** What the change of one task adds to the counts. */
export type Effect = Partial<Pick<Counts, 'added' | 'updated' | 'removed' | 'registered' | 'deregistered'>>;

export interface ShardPlan {
  readonly changes: readonly TaskChange[];
  /** What is counted when all of the changes are made. */
  readonly counts: Counts;
  readonly effects: ReadonlyMap<TaskId, Effect>;
  readonly skipped: readonly string[];
  readonly problems: readonly string[];
}

/** What is counted when the changes of some tasks could not be made. */
export function countsWithout({ counts, effects }: ShardPlan, failed: Iterable<TaskId>): Counts {
  const left = { ...counts };
  for (const taskId of failed) {
    for (const [key, count] of Object.entries(effects.get(taskId) ?? {})) left[key as keyof Effect] -= count;
  }
  return left;
}

/** Whether an entry of a shard is looked at. */
export const inScope = (targets: TaskTargets, service: string | undefined): boolean =>
  service === undefined || targets.labels[LABELS.service] === service;

/** Looks at the shard's tasks and says what to change; reads only. */
export async function planShard(
  deps: Looking & { readonly ecs: Ecs },
  read: ShardRead,
  scope: ShardScope,
): Promise<ShardPlan> {
  const since = deps.clock.now();
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

  const plan: Plan = { changes: [], counts: noCounts(), effects: new Map(), skipped: [], problems: [] };
  await Promise.all(
    [...answers].map(async ([taskId, answer]) => {
      plan.counts.checked++;
      try {
        await planTask(deps, plan, scope, { taskId, answer, before: published.get(taskId), since });
      } catch (error) {
        plan.problems.push(`task ${taskId}: ${describeError(error)}`);
      }
    }),
  );
  return plan;
}

/** A plan that is being made. */
interface Plan extends ShardPlan {
  readonly changes: TaskChange[];
  readonly effects: Map<TaskId, Effect>;
  readonly skipped: string[];
  readonly problems: string[];
}

function add(plan: Plan, taskId: TaskId, effect: Effect, change: TaskChange): void {
  plan.changes.push(change);
  plan.effects.set(taskId, effect);
  for (const [key, count] of Object.entries(effect)) plan.counts[key as keyof Effect] += count;
}

interface Seen {
  readonly taskId: TaskId;
  readonly answer: TaskAnswer;
  readonly before: TaskTargets | undefined;
  /** When the look at the tasks began. */
  readonly since: number;
}

/** Absent is not unknown: only a task that ECS says is stopped or missing, or that nothing selects, is removed. */
async function planTask(deps: Looking, plan: Plan, scope: ShardScope, seen: Seen): Promise<void> {
  const { taskId, answer } = seen;
  switch (answer.kind) {
    case 'unknown':
      throw answer.error;
    case 'missing':
      if (scope.listed.has(taskId)) throw new Error('ECS lists the task but does not know it');
      return remove(plan, scope, seen, 'stop');
    case 'task':
      if (isStopped(answer.task)) return removeStopped(deps, plan, scope, answer.task, seen);
      if (isRunning(answer.task)) return planRunning(deps, plan, scope, answer.task, seen);
  }
}

/** Its registration may have been made after the instances were listed, by whoever published it. */
async function removeStopped(
  { scraping }: Looking,
  plan: Plan,
  scope: ShardScope,
  task: Task,
  seen: Seen,
): Promise<void> {
  const isRegistered = seen.before?.labels[LABELS.namespace] !== undefined;
  const registryId = isRegistered ? await scraping.registryOf(task).catch(() => undefined) : undefined;
  remove(plan, scope, seen, 'stop', registryId);
}

async function planRunning(
  { scraping }: Looking,
  plan: Plan,
  scope: ShardScope,
  task: Task,
  { before, since }: Seen,
): Promise<void> {
  const isPublished = before !== undefined || scope.strays.has(task.id);
  const { targets, registration, rejections } = await scrapingOf(scraping, task, { isPublished, since });
  plan.skipped.push(...rejections.map(({ reason }) => reason));
  if (!targets) return remove(plan, scope, { taskId: task.id, before }, 'deselect');

  const instances = scope.instances.get(task.id) ?? [];
  const isHere = ({ registryId }: OwnedInstance): boolean => registryId === registration?.registryId;
  const isRight = registration && instances.some((it) => isHere(it) && isRegistered(registration, it));
  const register = isRight ? undefined : registration;
  const deregister = instances.filter((it) => !isHere(it)).map(({ registryId }) => registryId);
  const isSame = before !== undefined && sameTargets(before, targets);
  if (isSame && !register && deregister.length === 0) {
    plan.counts.unchanged++;
    return;
  }
  const effect = {
    ...(!isSame && { [before ? 'updated' : 'added']: 1 }),
    ...(register && { registered: 1 }),
    deregistered: deregister.length,
  };
  const change = { kind: 'upsert', targets } as const;
  add(plan, task.id, effect, { cluster: scope.cluster, change, register, deregister, again: true });
}

function remove(
  plan: Plan,
  scope: ShardScope,
  { taskId, before }: Pick<Seen, 'taskId' | 'before'>,
  kind: 'stop' | 'deselect',
  registryId?: string,
): void {
  const instances = scope.instances.get(taskId) ?? [];
  const isPublished = before !== undefined || scope.strays.has(taskId);
  if ((!isPublished && instances.length === 0) || !scope.mayRemove(taskId)) return;
  const effect = { ...(isPublished && { removed: 1 }), deregistered: instances.length };
  add(plan, taskId, effect, {
    cluster: scope.cluster,
    // An instance without targets needs no memory of its stop.
    change: { kind: isPublished ? kind : 'deselect', taskId },
    deregister: [
      ...new Set([...instances.map((it) => it.registryId), ...(registryId === undefined ? [] : [registryId])]),
    ],
    again: true,
  });
}
