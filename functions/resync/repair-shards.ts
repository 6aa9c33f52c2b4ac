/**
 * What resync writes itself, because no announcement can: a shard of which no version counts, one whose newest version does
 * not count, and tasks that stand in a shard where they no longer belong.
 */
import { describeError } from '../aws/errors.ts';
import type { ShardRead } from '../aws/shard-reader.ts';
import type { ShardStore } from '../aws/shard-store.ts';
import type { TaskChange } from '../discovery/change/change.ts';
import type { Clock } from '../discovery/clock.ts';
import { applyChanges, EMPTY_SHARD, type Shard } from '../discovery/shard/shard.ts';
import { shardOfTask } from '../discovery/shard/shard-of-task.ts';
import type { TaskId } from '../discovery/task/task.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';

export interface RepairDeps {
  readonly shards: ShardStore;
  readonly clock: Clock;
  readonly settings: Pick<DiscoverySettings, 'shards'>;
  /** The number of shards that is deployed now. */
  readonly deployedShards: () => Promise<number>;
}

/** A deployment has changed the number of shards: with the one from before, tasks would end where nobody reads. */
class OtherNumberOfShards extends Error {
  override readonly name = 'OtherNumberOfShards';
}

/** A version of a shard, and the life of its parameter. */
export interface ShardVersion {
  readonly version: number;
  readonly life?: string | undefined;
}

/** What repairs led to: new versions by shard, and what could not be repaired. */
export interface Repairs {
  readonly versions: ReadonlyMap<number, ShardVersion>;
  readonly problems: readonly string[];
}

/** How long one shard may take, in milliseconds. */
const REPAIR_MILLISECONDS = 30_000;
/** Each target-sync reads at its own time: it must have read the new home before it reads the old shard. */
const HOMES_ARE_READ = 10_000;

/** Writes shards; one that fails leaves the others as they are. */
async function writeEach(
  deps: RepairDeps,
  cluster: string,
  numbers: Iterable<number>,
  decide: (shard: number, read: ShardRead) => Promise<Shard | undefined>,
): Promise<Repairs> {
  const versions = new Map<number, ShardVersion>();
  const problems: string[] = [];
  const decideInTime = async (shard: number, read: ShardRead): Promise<Shard | undefined> => {
    const wanted = await decide(shard, read);
    if (wanted !== undefined) await mustBeDeployed(deps);
    return wanted;
  };
  for (const shard of numbers) {
    try {
      const deadline = deps.clock.now() + REPAIR_MILLISECONDS;
      const update = await deps.shards.update(cluster, shard, (read) => decideInTime(shard, read), deadline);
      if (update.written) versions.set(shard, { version: update.version, life: update.shard.life });
    } catch (error) {
      problems.push(`shard ${shard}: ${describeError(error)}`);
    }
  }
  return { versions, problems };
}

/** @throws OtherNumberOfShards, or what Lambda answers */
async function mustBeDeployed({ settings: { shards }, deployedShards }: RepairDeps): Promise<void> {
  const deployed = await deployedShards();
  if (deployed !== shards)
    throw new OtherNumberOfShards(`this resync began with ${shards} shards and ${deployed} are deployed: run resync`);
}

/**
 * Gives shards a version that counts.
 *
 * @param offers looks at all tasks of a shard, from which one without any version that counts is built; throws where that
 *   cannot be said
 */
export const repairVersions = (
  deps: RepairDeps,
  cluster: string,
  numbers: Iterable<number>,
  offers: (shard: number) => Promise<Iterable<TaskChange>>,
): Promise<Repairs> =>
  writeEach(deps, cluster, numbers, async (shard, read) => {
    if (read.kind === 'missing') return applyChanges(EMPTY_SHARD, await offers(shard));
    return read.newest === read.version ? undefined : read.shard;
  });

/** Tasks that stand in a shard where they do not belong, by that shard. */
export function misplacedTasks(reads: ReadonlyMap<number, ShardRead>, shards: number): Map<number, TaskId[]> {
  const misplaced = new Map<number, TaskId[]>();
  for (const [shard, read] of reads) {
    if (read.kind !== 'shard') continue;
    const some = [...read.shard.tasks.keys()].filter((taskId) => shardOfTask(taskId, shards) !== shard);
    if (some.length > 0) misplaced.set(shard, some);
  }
  return misplaced;
}

/**
 * Moves tasks to the shards where they belong: first in, then out, so that a task stands in two places rather than in none.
 *
 * @param look looks at tasks that belong in a shard, right before it is written: whoever was seen to run a while ago may
 *   have stopped. A task that it says nothing of stays where it is.
 * @param say tells who reads the shards of their new versions
 * @returns what could not be moved
 */
export async function moveMisplaced(
  deps: RepairDeps,
  cluster: string,
  misplaced: ReadonlyMap<number, readonly TaskId[]>,
  look: (shard: number, taskIds: readonly TaskId[]) => Promise<readonly TaskChange[]>,
  say: (versions: Repairs['versions']) => Promise<void>,
): Promise<readonly string[]> {
  const { shards } = deps.settings;
  const seen = new Map<TaskId, TaskChange>();
  const byHome = Map.groupBy([...misplaced.values()].flat(), (taskId) => shardOfTask(taskId, shards));
  const home = await writeEach(deps, cluster, byHome.keys(), async (shard, read) => {
    const changes = read.kind === 'shard' ? await look(shard, byHome.get(shard) ?? []) : [];
    for (const change of changes) seen.set(change.taskId, change);
    return read.kind === 'shard' && changes.length > 0 ? applyChanges(read.shard, changes) : undefined;
  });
  await say(home.versions);
  await deps.clock.sleep(HOMES_ARE_READ);
  const homes = await deps.shards.read(cluster, [...byHome.keys()]);
  const isSettled = (taskId: TaskId): boolean => {
    if (seen.get(taskId)?.kind !== 'upsert') return seen.has(taskId);
    const read = homes.get(shardOfTask(taskId, shards));
    return read?.kind === 'shard' && (read.shard.tasks.has(taskId) || read.shard.removed.has(taskId));
  };
  const old = await writeEach(deps, cluster, misplaced.keys(), async (shard, read) => {
    if (read.kind !== 'shard') return undefined;
    const gone = (misplaced.get(shard) ?? []).filter(isSettled);
    const tasks = new Map([...read.shard.tasks].filter(([taskId]) => !gone.includes(taskId)));
    return tasks.size === read.shard.tasks.size ? undefined : { tasks, removed: read.shard.removed };
  });
  await say(old.versions);
  return [...home.problems, ...old.problems];
}
