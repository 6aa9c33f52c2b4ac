/** Looks at the tasks of a cluster shard by shard: at all of them once, and at some again before something is done. */
import type { ShardRead } from '../aws/shard-reader.ts';
import type { TaskId } from '../discovery/task/task.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import type { ObserveDeps } from '../look-up/observe-tasks.ts';
import { type ClusterState, entriesOf } from './cluster-state.ts';
import { type ComparedTask, compareTasks } from './compare-tasks.ts';
import { misplacedTasks } from './repair-shards.ts';

export interface Comparison {
  /** Tasks that stand in a shard where they do not belong, by that shard. */
  readonly misplaced: ReadonlyMap<number, readonly TaskId[]>;
  /** The first look at all tasks of a shard. @param since as in {@link Look} */
  begin(shard: number, since: number): Promise<void>;
  /** What the first look at a shard found. */
  of(shard: number): readonly ComparedTask[];
  /** What the first look at all shards found. */
  all(): readonly ComparedTask[];
  /** Looks at tasks that belong in a shard. */
  again(shard: number, look?: Look): Promise<ComparedTask[]>;
}

interface Look {
  /** Default: all tasks of the shard. */
  readonly taskIds?: readonly TaskId[];
  /** What is published of them. Default: what was read before the first look. */
  readonly read?: ShardRead | undefined;
  /** How old an answer of Cloud Map may be that selects nothing, in milliseconds since 1970. Default: now. */
  readonly since?: number;
}

export function createComparison(
  deps: ObserveDeps & { readonly settings: Pick<DiscoverySettings, 'shards'> },
  cluster: string,
  { reads, instances, listed, taskIds: all }: ClusterState,
): Comparison {
  const misplaced = misplacedTasks(reads, deps.settings.shards);
  const first = new Map<number, readonly ComparedTask[]>();
  const again = (shard: number, { taskIds, read, since }: Look = {}): Promise<ComparedTask[]> => {
    const home = entriesOf(read ?? reads.get(shard));
    const elsewhere = [...misplaced.keys()].map((other) => entriesOf(reads.get(other)));
    const known = {
      published: (taskId: TaskId) =>
        home.get(taskId) ?? elsewhere.find((entries) => entries.has(taskId))?.get(taskId) ?? 'nothing',
      instances,
      listed,
      misplaced: new Set([...misplaced.values()].flat()),
    };
    return compareTasks(deps, cluster, taskIds ?? all.get(shard) ?? [], known, since ?? deps.clock.now());
  };
  return {
    misplaced,
    again,
    async begin(shard, since) {
      first.set(shard, await again(shard, { since }));
    },
    of: (shard) => first.get(shard) ?? [],
    all: () => [...first.values()].flat(),
  };
}
