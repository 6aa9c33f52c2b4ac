import type { ShardReader } from '../../../functions/aws/shard-store.ts';
import type { MessageQueue } from '../../../functions/aws/sqs.ts';
import type { Clock } from '../../../functions/discovery/clock.ts';
import type { StateFiles } from '../files/state-files.ts';
import type { TargetFiles } from '../files/target-files.ts';
import type { Health } from '../operator/health.ts';
import type { Incidents } from '../operator/incidents.ts';
import type { Log } from '../operator/log.ts';
import { ClusterTargets } from './cluster-targets.ts';
import { createConfigurationReader } from './configuration-reader.ts';
import { listen } from './listener.ts';
import { createPublisher } from './publisher.ts';

/** All that target-sync works with; a simulation gives its own. */
export interface SyncParts {
  readonly queue: MessageQueue;
  readonly source: Pick<ShardReader, 'read'>;
  readonly targetFiles: TargetFiles;
  readonly stateFiles: StateFiles;
  readonly incidents: Incidents;
  readonly health: Health;
  readonly log: Log;
  readonly clock: Clock;
  readonly afterWork: () => void;
  readonly settings: {
    readonly deployment: string;
    readonly clusters: readonly string[];
    /** Shards of each cluster. */
    readonly shards: number;
    readonly refreshSeconds: number;
  };
  readonly owns: (shard: number) => boolean;
}

/** Runs until the signal aborts. */
export async function startSync(parts: SyncParts, signal: AbortSignal): Promise<void> {
  const { settings, owns, targetFiles, stateFiles, health, log } = parts;
  const shards = [...Array(settings.shards).keys()].filter(owns);
  await targetFiles.removeLeftOvers();
  const removed = await targetFiles.removeShards(settings.clusters, (shard) => shards.includes(shard));
  if (removed.length > 0) log('info', 'removed files of shards that are not of this collector', { removed });

  const clusters = new Map(settings.clusters.map((name) => [name, new ClusterTargets(settings.shards)]));
  const restored = await Promise.all(
    [...clusters].flatMap(([cluster, targets]) =>
      shards.map(async (shard) => {
        const state = await stateFiles.load(cluster, shard);
        if (state) targets.restore(shard, state);
        return state?.configuration !== undefined;
      }),
    ),
  );
  // All is known as it was left: the collector need not wait for AWS.
  if (restored.length > 0 && restored.every(Boolean)) health.contact();

  const publisher = createPublisher({ ...parts, clusters });
  // A process that was killed may have written what it remembers, and not the file.
  for (const cluster of clusters.keys()) for (const shard of shards) await publisher.publish(cluster, shard);
  const reader = createConfigurationReader({ ...parts, clusters, shards, publisher, seconds: settings.refreshSeconds });
  await Promise.all([
    reader.run(signal),
    listen({ ...parts, clusters, publisher, reader, deployment: settings.deployment }, signal),
  ]);
}
