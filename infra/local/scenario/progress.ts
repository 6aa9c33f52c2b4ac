/** How far each task of a step has come, as data: what is shown, and what a step waits for. */
import type { Observer } from '../observation/observer.ts';
import { STAGES, type Stage } from '../observation/presence.ts';
import type { Change } from './journal.ts';

export interface ProgressRow {
  readonly change: Change;
  /** Milliseconds from the change to each stage that is reached. */
  readonly reached: ReadonlyMap<Stage, number>;
  /** Why it is not scraped, if something is wrong with it. */
  readonly problem: string | undefined;
  /** Nothing more is waited for: all stages are reached, or it is broken and may be. */
  readonly complete: boolean;
}

/** What is known of the tasks beside what the stages show. */
export interface Expectations {
  /** Whether a workload is registered in Cloud Map. */
  readonly isRegistered: (workload: string) => boolean;
  /** What ECS says is wrong with a task. */
  readonly problem: (taskId: string) => string | undefined;
  /** Whether a workload may be broken: then its problem is all that is waited for. */
  readonly mayBeBroken: (workload: string) => boolean;
}

/** Follows changes through the stages. A stage that was reached stays reached, whatever the task does next. */
export class Progress {
  readonly #observer: Observer;
  readonly #expectations: Expectations;
  readonly #reached = new Map<Change, Map<Stage, number>>();

  constructor(observer: Observer, expectations: Expectations) {
    this.#observer = observer;
    this.#expectations = expectations;
  }

  /** @param from milliseconds since 1970 that times are counted from: the change itself, or the resync that repairs it */
  rows(changes: readonly Change[], from?: number): ProgressRow[] {
    return changes.map((change) => this.#row(change, from ?? change.at));
  }

  #row(change: Change, from: number): ProgressRow {
    const stages = STAGES.filter((stage) => this.#isReachedBy(change, stage));
    const reached = this.#reached.get(change) ?? new Map<Stage, number>();
    this.#reached.set(change, reached);
    for (const stage of stages.filter((it) => !reached.has(it))) {
      const sighting = this.#observer.sighting(stage, change.taskId);
      // A task that came and went between two looks was never seen: it is as gone as it can be.
      const isThere = sighting?.present ?? false;
      if (isThere === (change.kind === 'comes')) reached.set(stage, Math.max(0, (sighting?.since ?? from) - from));
    }
    const problem = this.#problem(change);
    const isBroken = problem !== undefined && this.#expectations.mayBeBroken(change.workload);
    return { change, reached, problem, complete: isBroken || reached.size === stages.length };
  }

  #isReachedBy({ kind, workload }: Change, stage: Stage): boolean {
    if (stage === 'cloudMap' && !this.#expectations.isRegistered(workload)) return false;
    // The last samples of a task that went stay in Prometheus, as they should.
    return kind === 'comes' || (kind === 'goes' && stage !== 'sample');
  }

  #problem({ kind, taskId }: Change): string | undefined {
    if (kind === 'goes') return undefined;
    return this.#expectations.problem(taskId) ?? this.#observer.present('target').get(taskId);
  }
}
