/** Tasks that stand in a shard they no longer belong to, because the number of shards was changed. */
import type { ShardRead } from '../aws/shard-store.ts';
import { shardOfTask } from '../discovery/shard/shard-of-task.ts';
import type { TaskId } from '../discovery/task/task.ts';
import { type Publishing, publishShard } from './publish.ts';
import { inScope } from './resync-shard.ts';

export interface StrayTask {
  readonly taskId: TaskId;
  /** Where it stands. */
  readonly shard: number;
  /** Where it belongs. */
  readonly home: number;
}

/** @param service only strays of this service */
export function straysOf(
  reads: ReadonlyMap<number, ShardRead>,
  shards: number,
  service: string | undefined,
): StrayTask[] {
  return [...reads].flatMap(([shard, read]) => {
    if (read.kind !== 'shard') return [];
    return [...read.shard.tasks.values()]
      .filter((targets) => inScope(targets, service))
      .map(({ taskId }) => ({ taskId, shard, home: shardOfTask(taskId, shards) }))
      .filter(({ home }) => home !== shard);
  });
}

/** A target-sync hears of each shard by itself: it must have read the new home before it reads the old one. */
const HOMES_ARE_READ = 10_000;

/**
 * Drops strays that their home knows by now, as running or as stopped: a target is rather there twice than not at all.
 *
 * @param gone tasks that stopped or that nothing selects any more; their home may have forgotten them by now
 */
export async function dropStrays(
  deps: Publishing,
  cluster: string,
  strays: readonly StrayTask[],
  gone: ReadonlySet<TaskId>,
): Promise<void> {
  if (strays.length === 0) return;
  await deps.clock.sleep(HOMES_ARE_READ);
  const homes = await deps.shards.read(cluster, [...new Set(strays.map(({ home }) => home))]);
  const atHome = strays.filter(({ taskId, home }) => {
    const read = homes.get(home);
    const isKnown = read?.kind === 'shard' && (read.shard.tasks.has(taskId) || read.shard.stopped.has(taskId));
    return isKnown || gone.has(taskId);
  });
  for (const [shard, some] of Map.groupBy(atHome, (stray) => stray.shard)) {
    const changes = some.map(({ taskId }) => ({
      cluster,
      change: { kind: 'deselect' as const, taskId },
      again: false,
    }));
    await publishShard(deps, { cluster, shard, changes }, { deadline: Number.POSITIVE_INFINITY });
  }
}
