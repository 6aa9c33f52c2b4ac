/** Looks at the tasks of a cluster shard by shard: at all of them once, and at some again before something is done. */
import type { ShardRead } from '../aws/shard-reader.ts';
import type { TaskId } from '../discovery/task/task.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import type { ObserveDeps } from '../look-up/observe-tasks.ts';
import { type ClusterState, entriesOf } from './cluster-state.ts';
import { type ComparedTask, compareTasks } from './compare-tasks.ts';
import { misplacedTasks } from './repair-shards.ts';

export type ComparisonDeps = ObserveDeps & { readonly settings: Pick<DiscoverySettings, 'shards'> };

export class Comparison {
  /** Tasks that stand in a shard where they do not belong, by that shard. */
  readonly misplaced: ReadonlyMap<number, readonly TaskId[]>;
  readonly #deps: ComparisonDeps;
  readonly #cluster: string;
  readonly #state: ClusterState;
  readonly #first = new Map<number, readonly ComparedTask[]>();

  constructor(deps: ComparisonDeps, cluster: string, state: ClusterState) {
    this.#deps = deps;
    this.#cluster = cluster;
    this.#state = state;
    this.misplaced = misplacedTasks(state.reads, deps.settings.shards);
  }

  /** The first look at all tasks of a shard. @param since as for {@link again} */
  async begin(shard: number, since: number): Promise<void> {
    this.#first.set(shard, await this.again(shard, { since }));
  }

  /** What the first look at a shard found. */
  of(shard: number): readonly ComparedTask[] {
    return this.#first.get(shard) ?? [];
  }

  /** What the first look at all shards found. */
  all(): readonly ComparedTask[] {
    return [...this.#first.values()].flat();
  }

  /**
   * Looks at tasks that belong in a shard.
   *
   * @param options.taskIds default: all tasks of the shard
   * @param options.read what is published of them; default: what was read before the first look
   * @param options.since how old an answer of Cloud Map may be that selects nothing, in milliseconds since 1970; default: now
   */
  again(
    shard: number,
    {
      taskIds = this.#state.taskIds.get(shard) ?? [],
      read = this.#state.reads.get(shard),
      since = this.#deps.clock.now(),
    }: {
      readonly taskIds?: readonly TaskId[];
      readonly read?: ShardRead | undefined;
      readonly since?: number;
    } = {},
  ): Promise<ComparedTask[]> {
    const home = entriesOf(read);
    const elsewhere = [...this.misplaced.keys()].map((other) => entriesOf(this.#state.reads.get(other)));
    const known = {
      published: (taskId: TaskId) =>
        home.get(taskId) ?? elsewhere.find((entries) => entries.has(taskId))?.get(taskId) ?? 'nothing',
      instances: this.#state.instances,
      listed: this.#state.listed,
      misplaced: new Set([...this.misplaced.values()].flat()),
    };
    return compareTasks(this.#deps, this.#cluster, taskIds, known, since);
  }
}
