/** Adds up what a resync found and did in one cluster. */
import { sameTargets } from '../discovery/shard/shard.ts';
import type { TaskId } from '../discovery/task/task.ts';
import type { ComparedTask } from './compare-tasks.ts';
import {
  type ClusterSummary,
  type Counts,
  type IneffectiveWords,
  LINES_SHOWN,
  noCounts,
  type SkippedTask,
} from './resync-summary.ts';

export class Summing {
  readonly #cluster: string;
  readonly #counts: Counts = noCounts();
  readonly #skipped: SkippedTask[] = [];
  readonly #problems: string[] = [];
  readonly #warnings = new Map<string, IneffectiveWords>();
  readonly #repairedShards: number[] = [];
  /** How many targets each published task has. */
  readonly #targets = new Map<TaskId, number>();

  constructor(cluster: string) {
    this.#cluster = cluster;
  }

  problem(...problems: readonly string[]): void {
    this.#problems.push(...problems);
  }

  repaired(shard: number): void {
    this.#repairedShards.push(shard);
  }

  published(taskId: TaskId, targets: number): void {
    this.#targets.set(taskId, targets);
  }

  /** What a look at a task says, whether anything follows or not. */
  looked({ look, change, misregistered, problem }: ComparedTask): void {
    const { taskId, observation, rejections, warnings, task } = look;
    this.#counts.checked++;
    for (const { message } of warnings) this.#warn(task?.family ?? '', message);
    if (problem !== undefined) this.#problems.push(problem);
    for (const { reason, message } of rejections) {
      const service = task?.service;
      this.#skipped.push({ task: taskId, ...(service !== undefined && { service }), reason, problem: message });
    }
    if (observation.kind === 'unselected' && rejections.length === 0) this.#counts.ignored++;
    if (observation.kind === 'offers' && !change && misregistered.length === 0) this.#counts.unchanged++;
  }

  #warn(taskDefinition: string, problem: string): void {
    const key = JSON.stringify([taskDefinition, problem]);
    const { tasks = 0 } = this.#warnings.get(key) ?? {};
    this.#warnings.set(key, { taskDefinition, problem, tasks: tasks + 1 });
  }

  held(removals: number): void {
    this.#counts.removalsHeld += removals;
  }

  /** A difference that was announced; in a dry run, one that would be. */
  announced({ look, change, published, lacksRegistration, misregistered }: ComparedTask, isDone: boolean): void {
    this.#counts.deregistered += misregistered.length;
    if (change?.kind === 'upsert') {
      const isSame = typeof published === 'object' && sameTargets(published, change.targets);
      if (lacksRegistration) this.#counts.registered++;
      if (!(isSame && lacksRegistration)) this.#counts[typeof published === 'object' ? 'updated' : 'added']++;
      if (isDone) this.#targets.set(look.taskId, change.targets.targets.length);
    } else if (change) {
      this.#counts.removed++;
      if (isDone) this.#targets.delete(look.taskId);
    }
  }

  result(): ClusterSummary {
    const skipped: Record<string, number> = {};
    for (const { reason } of this.#skipped) skipped[reason] = (skipped[reason] ?? 0) + 1;
    return {
      cluster: this.#cluster,
      targets: [...this.#targets.values()].reduce((sum, count) => sum + count, 0),
      ...this.#counts,
      skipped,
      skippedTasks: this.#skipped.slice(0, LINES_SHOWN),
      moreSkipped: Math.max(0, this.#skipped.length - LINES_SHOWN),
      ...(this.#warnings.size > 0 && { warnings: [...this.#warnings.values()].slice(0, LINES_SHOWN) }),
      ...(this.#repairedShards.length > 0 && { repairedShards: this.#repairedShards }),
      problems: this.#problems.slice(0, LINES_SHOWN),
      moreProblems: Math.max(0, this.#problems.length - LINES_SHOWN),
    };
  }
}
