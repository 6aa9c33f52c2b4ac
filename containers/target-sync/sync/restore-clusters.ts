import type { Clock } from '../../../functions/discovery/clock.ts';
import type { StateFiles } from '../files/state-files.ts';
import type { TargetFiles } from '../files/target-files.ts';
import type { ClusterTargets } from './cluster-targets.ts';

export interface RestoreParts {
  readonly stateFiles: StateFiles;
  readonly targetFiles: TargetFiles;
  readonly clock: Clock;
}

/**
 * Takes up what is on the volume.
 *
 * @param shards those of each cluster that are this collector's
 * @returns whether all of it was there
 */
export async function restoreClusters(
  { stateFiles, targetFiles, clock }: RestoreParts,
  clusters: ReadonlyMap<string, ClusterTargets>,
  shards: readonly number[],
): Promise<boolean> {
  const restored = await Promise.all(
    [...clusters].flatMap(([cluster, known]) =>
      shards.map(async (shard) => {
        const state = await stateFiles.load(cluster, shard);
        if (state) known.restore(shard, state);
        else if (await targetFiles.has(cluster, shard)) known.distrust(shard);
        return state?.configuration !== undefined;
      }),
    ),
  );
  for (const { cluster, shard } of await listed(stateFiles)) {
    const known = clusters.get(cluster);
    // There were more shards when it was written.
    const state = known && shard >= known.shards ? await stateFiles.load(cluster, shard) : undefined;
    if (state) known?.adopt(state, clock.now());
  }
  return restored.length > 0 && restored.every(Boolean);
}

/** Nothing where the folder cannot be listed: the files that are wanted were tried by name. */
const listed = (stateFiles: StateFiles): ReturnType<StateFiles['list']> => stateFiles.list().catch(() => []);
