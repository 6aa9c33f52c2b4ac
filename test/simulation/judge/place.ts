/**
 * One place where targets are published, as its readers see it: a folder of target files, or the shards of a cluster.
 * Judges each change of it: no running task may leave it, no stopped one come back, no task show what it never offered.
 */
import type { Task } from '../../../infra/local/ecs/model.ts';
import { taskAtVersion } from '../../../infra/local/ecs/task-history.ts';
import { expectedTargets } from '../fleet.ts';
import type { Changes, Said } from './union.ts';
import type { Blame } from './violation.ts';

export interface Truth {
  readonly now: () => number;
  readonly after: (milliseconds: number, action: () => void) => void;
  readonly tasks: ReadonlyMap<string, Task>;
  /** Whether people have just now seen to it that the task need not be published. */
  readonly mayLeave: (task: Task) => boolean;
}

export interface PlaceOptions {
  readonly name: string;
  /** Milliseconds for which a task may be absent, as between two files that are written one after the other. */
  readonly patience: number;
  /** Milliseconds after its stop at which nobody may add a task any more. */
  readonly latestAdding: number;
}

export class Place {
  readonly #truth: Truth;
  readonly #blame: Blame;
  readonly #options: PlaceOptions;
  readonly #shown = new Map<string, string>();
  /** Stopped tasks that were seen to be gone. */
  readonly #gone = new Set<string>();
  /** When each task was first shown, and when it was last seen to leave. */
  readonly firstShown = new Map<string, number>();
  readonly lastLeft = new Map<string, number>();

  constructor(truth: Truth, blame: Blame, options: PlaceOptions) {
    this.#truth = truth;
    this.#blame = blame;
    this.#options = options;
  }

  get shown(): Said {
    return this.#shown;
  }

  /** What was there was thrown away by somebody who may: what comes now is judged on its own. */
  forget(): void {
    this.#shown.clear();
    this.#gone.clear();
  }

  /** A person changed or threw away some of it, likewise. */
  accept(changes: Changes): void {
    for (const [id, targets] of changes) {
      if (targets === undefined) this.#shown.delete(id);
      else this.#shown.set(id, targets);
    }
    this.#gone.clear();
  }

  changed(changes: Changes): void {
    for (const [id, targets] of changes) {
      const before = this.#shown.get(id);
      if (targets === undefined) {
        this.#shown.delete(id);
        this.#left(id);
      } else {
        this.#shown.set(id, targets);
        if (targets !== before) this.#came(id, targets, before !== undefined);
      }
    }
  }

  /** Compares it with what it must show in the end. */
  mustShow(wanted: Said, isExcluded: (id: string) => boolean): void {
    const { name } = this.#options;
    for (const [id, targets] of wanted) {
      const found = this.#shown.get(id);
      if (found === undefined) this.#blame('convergence', `${name} lacks a running task`, id);
      else if (found !== targets) this.#blame('convergence', `${name} has\n${found}\ninstead of\n${targets}`, id);
    }
    for (const id of this.#shown.keys()) {
      if (!wanted.has(id) && !isExcluded(id)) this.#blame('convergence', `${name} has a task that does not run`, id);
    }
  }

  #left(id: string): void {
    this.lastLeft.set(id, this.#truth.now());
    if (stoppingSince(this.#truth.tasks.get(id)) !== undefined) this.#gone.add(id);
    this.#truth.after(this.#options.patience, () => {
      const task = this.#truth.tasks.get(id);
      if (this.#shown.has(id) || !task || stoppingSince(task) !== undefined || this.#truth.mayLeave(task)) return;
      this.#blame('nothing vanishes', `a running task left ${this.#options.name}`, id);
    });
  }

  #came(id: string, targets: string, wasThere: boolean): void {
    const { name, latestAdding } = this.#options;
    const now = this.#truth.now();
    if (!this.firstShown.has(id)) this.firstShown.set(id, now);
    const task = this.#truth.tasks.get(id);
    if (!task || !wasEverRight(task, targets)) {
      this.#blame('atomicity', `${name} shows targets that the task never had: ${targets}`, id);
      return;
    }
    const since = stoppingSince(task);
    if (since === undefined || wasThere) return;
    if (this.#gone.has(id)) this.#blame('nothing returns', `a stopped task came back into ${name}`, id);
    else if (now - since > latestAdding) {
      this.#blame(
        'nothing returns',
        `${name} shows for the first time a task that stopped ${(now - since) / 1000} s ago`,
        id,
      );
    }
  }
}

/** When a task was told to stop, if it was. */
const stoppingSince = (task: Task | undefined): number | undefined => task?.stoppingAt;

export const isRunning = (task: Task): boolean => task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING';

/** Whether the task ever offered exactly these targets; the port of bridge mode changes with each restart. */
const wasEverRight = (task: Task, targets: string): boolean =>
  task.history.some(({ version }) => expectedTargets(taskAtVersion(task, version)) === targets);
