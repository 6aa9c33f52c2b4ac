/** Changes that wait for their shards, and the messages that wait for their changes. */
import type { TaskChange } from '../discovery/change/change.ts';
import { isNewer } from '../discovery/change/order.ts';
import type { TaskId } from '../discovery/task/task.ts';

/** A change that waits, and the messages that brought it or an older statement about its task. */
interface WaitingChange {
  readonly change: TaskChange;
  readonly messageIds: readonly string[];
  /** Targets of the task were announced: a file may show them. */
  readonly wasOffered: boolean;
}

/** The changes of one shard that wait. */
export interface ShardGroup {
  readonly cluster: string;
  readonly shard: number;
  readonly waiting: ReadonlyMap<TaskId, WaitingChange>;
}

export class PendingChanges {
  /** In the order in which their oldest change came. */
  readonly #groups = new Map<string, ShardGroup & { readonly waiting: Map<TaskId, WaitingChange> }>();
  readonly #shardOf: (taskId: TaskId) => number;

  constructor(shardOf: (taskId: TaskId) => number) {
    this.#shardOf = shardOf;
  }

  /** Of two statements about one task only the newer one waits; both messages wait for it. */
  add(messageId: string, cluster: string, changes: readonly TaskChange[]): void {
    for (const change of changes) {
      const shard = this.#shardOf(change.taskId);
      const key = `${cluster}/${shard}`;
      const group = this.#groups.get(key) ?? { cluster, shard, waiting: new Map() };
      const known = group.waiting.get(change.taskId);
      group.waiting.set(change.taskId, {
        change: known && !isNewer(change, known.change) ? known.change : change,
        messageIds: [...(known?.messageIds ?? []), messageId],
        wasOffered: known?.wasOffered === true || change.kind === 'upsert',
      });
      this.#groups.set(key, group);
    }
  }

  /** Takes the shard that has waited longest. */
  next(): ShardGroup | undefined {
    for (const [key, group] of this.#groups) {
      this.#groups.delete(key);
      return group;
    }
    return undefined;
  }

  /** Messages of which a change still waits. */
  messageIds(): Set<string> {
    return new Set([...this.#groups.values()].flatMap(messagesOf));
  }
}

const messagesOf = ({ waiting }: ShardGroup): string[] => [...waiting.values()].flatMap(({ messageIds }) => messageIds);
