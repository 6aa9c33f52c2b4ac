import type { TaskChange } from '../../../functions/discovery/change/change.ts';
import type { TaskId } from '../../../functions/discovery/task/task.ts';
import type { HeardChange } from './shard-state.ts';

interface Placed extends HeardChange {
  /** The shard that the task belongs in. */
  readonly home: number;
}

/** The last change that was heard of each task, at hand by task and by the shard that the task belongs in. */
export class HeardChanges {
  readonly #byTask = new Map<TaskId, Placed>();
  readonly #byHome = new Map<number, Set<TaskId>>();

  get(taskId: TaskId): Placed | undefined {
    return this.#byTask.get(taskId);
  }

  set(home: number, change: TaskChange, heardAt: number): void {
    const { taskId } = change;
    this.#byTask.set(taskId, { change, heardAt, home });
    const neighbours = this.#byHome.get(home) ?? new Set();
    this.#byHome.set(home, neighbours.add(taskId));
  }

  delete(taskId: TaskId): void {
    const home = this.#byTask.get(taskId)?.home;
    this.#byTask.delete(taskId);
    if (home !== undefined) this.#byHome.get(home)?.delete(taskId);
  }

  all(): IterableIterator<Placed> {
    return this.#byTask.values();
  }

  /** Changes of the tasks that belong in a shard. */
  of(home: number): Placed[] {
    return [...(this.#byHome.get(home) ?? [])].flatMap((taskId) => this.#byTask.get(taskId) ?? []);
  }
}
