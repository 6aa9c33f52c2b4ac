import type { Stamp, TaskChange } from '../../../functions/discovery/change/change.ts';
import { isNewer } from '../../../functions/discovery/change/order.ts';
import { knownStamp, stampOf } from '../../../functions/discovery/shard/shard.ts';
import { shardOfTask } from '../../../functions/discovery/shard/shard-of-task.ts';
import type { TaskId } from '../../../functions/discovery/task/task.ts';
import { HeardChanges } from './heard-changes.ts';
import type { KnownConfiguration } from './known-configuration.ts';

/** All statements about the tasks of a cluster: those of the shards that were read, and those that were heard. */
export class KnownStatements {
  readonly configurations = new Map<number, KnownConfiguration>();
  readonly heard = new HeardChanges();
  readonly #shards: number;
  readonly #owns: (shard: number) => boolean;

  /**
   * @param shards how many shards the cluster has
   * @param owns which of them are this collector's
   */
  constructor(shards: number, owns: (shard: number) => boolean) {
    this.#shards = shards;
    this.#owns = owns;
  }

  /** The shard that a task belongs in. */
  home(taskId: TaskId): number {
    return shardOfTask(taskId, this.#shards);
  }

  /** The newest statement about a task, wherever it comes from. */
  newest(taskId: TaskId): Stamp | undefined {
    let newest: Stamp | undefined = this.heard.get(taskId)?.change;
    for (const { merged } of this.configurations.values()) {
      const stamp = knownStamp(merged, taskId);
      if (stamp && !(newest && !isNewer(stamp, newest))) newest = stamp;
    }
    return newest;
  }

  /** The shards whose configuration shows a task. */
  showing(taskId: TaskId): number[] {
    return [...this.configurations].filter(([, { merged }]) => merged.tasks.has(taskId)).map(([shard]) => shard);
  }

  /** The shards of this collector that may show a task. */
  shardsOf(taskId: TaskId): number[] {
    const home = this.heard.get(taskId)?.home ?? this.home(taskId);
    return [...new Set([home, ...this.showing(taskId)])].filter(this.#owns);
  }

  /**
   * @returns the shards of this collector whose targets may be others now: the one that the task belongs in, and one where
   *   it stands since the number of shards was another
   */
  hear(change: TaskChange, heardAt: number): number[] {
    const { taskId } = change;
    const newest = this.newest(taskId);
    if (newest && !isNewer(change, newest)) return [];
    const home = this.home(taskId);
    // Nothing of another collector's shards is kept: it would never leave.
    if (!this.#owns(home) && (change.kind === 'upsert' || this.showing(taskId).length === 0)) return [];
    this.heard.set(home, change, heardAt);
    return this.shardsOf(taskId);
  }

  /** Takes a change that was heard before a restart. */
  restore(change: TaskChange, heardAt: number): void {
    const known = this.heard.get(change.taskId)?.change;
    if (!known || isNewer(change, known)) this.heard.set(this.home(change.taskId), change, heardAt);
  }

  /**
   * Takes a statement from a shard that does not exist any more. What the shard of the task says may be from before it was
   * moved, and the same statement there is no reason to forget this one.
   */
  adopt(change: TaskChange, heardAt: number): void {
    const home = this.home(change.taskId);
    const newest = this.newest(change.taskId);
    const isOutdated = newest !== undefined && isNewer(newest, change);
    if (change.kind === 'upsert' && this.#owns(home) && !isOutdated) this.heard.set(home, change, heardAt);
    else this.hear(change, heardAt);
  }

  /**
   * Takes a removal that one shard holds as heard, where another shows the task, or a change that was heard does.
   *
   * @returns the shards whose targets may be others now
   */
  spread(removal: TaskChange, now: number): number[] {
    const { taskId } = removal;
    const heard = this.heard.get(taskId)?.change;
    if (heard && !isNewer(removal, heard)) return [];
    const isShown = [...this.configurations.values()].some(({ merged }) => {
      const task = merged.tasks.get(taskId);
      return task !== undefined && isNewer(removal, stampOf(task));
    });
    if (!isShown && heard?.kind !== 'upsert') return [];
    this.heard.set(this.home(taskId), removal, now);
    return this.shardsOf(taskId);
  }
}
