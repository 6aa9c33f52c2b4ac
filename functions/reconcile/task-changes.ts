/** What was decided about tasks, and what came of it. */

import { changedTask, type ShardChange } from '../discovery/shard/shard.ts';
import { shardOfTask } from '../discovery/shard/shard-of-task.ts';
import type { Registration } from '../discovery/target/registration.ts';
import type { TaskId } from '../discovery/task/task.ts';

export interface TaskChange {
  readonly cluster: string;
  readonly change: ShardChange;
  readonly register?: Registration | undefined;
  /** Ids of the Cloud Map services that the task is taken out of. */
  readonly deregister?: readonly string[];
  /** Why it is not known what else there is to do: the change is made now, and its record tried again for the rest. */
  readonly incomplete?: Error | undefined;
  /**
   * An earlier try may have died half way: do and announce everything again even where the shard is right already.
   */
  readonly again: boolean;
  /** When ECS says the task changed, in milliseconds since 1970. */
  readonly time?: number;
}

/** A change that its shard holds now. */
export interface HeldChange extends TaskChange {
  /** The version of the shard in which it is. */
  readonly version: number;
  /** Whether it is a stop so recent that a registration of the task may still be under way. */
  readonly isRecentStop: boolean;
}

/** What could not be done, by task. */
export type Failures = Map<TaskId, Error>;

export const taskOf = ({ change }: TaskChange): TaskId => changedTask(change);

export interface ShardGroup<Change extends TaskChange = TaskChange> {
  readonly cluster: string;
  readonly shard: number;
  readonly changes: readonly Change[];
}

/** Changes by the shard they belong to. */
export function byShard<Change extends TaskChange>(changes: readonly Change[], shards: number): ShardGroup<Change>[] {
  const groups = new Map<string, { cluster: string; shard: number; changes: Change[] }>();
  for (const change of changes) {
    const shard = shardOfTask(taskOf(change), shards);
    const key = `${change.cluster}/${shard}`;
    const group = groups.get(key) ?? { cluster: change.cluster, shard, changes: [] };
    group.changes.push(change);
    groups.set(key, group);
  }
  return [...groups.values()];
}

export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
