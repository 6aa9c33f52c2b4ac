/** How far each task of a step has come, as data: what is shown, and what a step waits for. */
import type { Observer } from '../observation/observer.ts';
import { STAGES, type Stage } from '../observation/presence.ts';
import type { Change } from './journal.ts';

export interface Row {
  readonly change: Change;
  /** Milliseconds from the change to each stage that is reached. */
  readonly reached: ReadonlyMap<Stage, number>;
  readonly complete: boolean;
}

/** Where a task that went is looked for: its last samples stay in Prometheus, as they should. */
const STAGES_OF_GOING: readonly Stage[] = STAGES.filter((stage) => stage !== 'sample');

/** Follows changes through the stages. A stage that was reached stays reached, whatever the task does next. */
export class Progress {
  readonly #observer: Observer;
  readonly #reached = new Map<Change, Map<Stage, number>>();

  constructor(observer: Observer) {
    this.#observer = observer;
  }

  /** @param from milliseconds since 1970 that times are counted from: the change itself, or the resync that repairs it */
  rows(changes: readonly Change[], from?: number): Row[] {
    return changes.map((change) => this.#row(change, from ?? change.at));
  }

  #row(change: Change, from: number): Row {
    const stages = change.kind === 'comes' ? STAGES : STAGES_OF_GOING;
    const reached = this.#reached.get(change) ?? new Map<Stage, number>();
    this.#reached.set(change, reached);
    for (const stage of stages.filter((it) => !reached.has(it))) {
      const sighting = this.#observer.sighting(stage, change.taskId);
      // A task that came and went between two looks was never seen: it is as gone as it can be.
      const isThere = sighting?.present ?? false;
      if (isThere === (change.kind === 'comes')) reached.set(stage, Math.max(0, (sighting?.since ?? from) - from));
    }
    return { change, reached, complete: reached.size === stages.length };
  }
}
