import type { ShardReader } from '../../../functions/aws/shard-reader.ts';
import type { MessageQueue } from '../../../functions/aws/sqs.ts';
import type { Clock } from '../../../functions/discovery/clock.ts';
import type { StateFiles } from '../files/state-files.ts';
import type { TargetFiles } from '../files/target-files.ts';
import { withAdvice } from '../operator/advice.ts';
import type { Health } from '../operator/health.ts';
import type { Incidents } from '../operator/incidents.ts';
import type { Log } from '../operator/log.ts';
import { ClusterTargets } from './cluster-targets.ts';
import { createConfigurationReader } from './configuration-reader.ts';
import { listen } from './listener.ts';
import type { SyncObserver } from './observer.ts';
import { createPublisher, type Publisher } from './publisher.ts';
import { restoreClusters } from './restore-clusters.ts';

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
  readonly observer?: SyncObserver;
  readonly afterWork: () => void;
  readonly settings: SyncSettings;
  readonly owns: (shard: number) => boolean;
  /** What is known of each cluster, see {@link newClusters}; others may look on. */
  readonly clusters: ReadonlyMap<string, ClusterTargets>;
}

interface SyncSettings {
  readonly deployment: string;
  readonly clusters: readonly string[];
  /** Shards of each cluster. */
  readonly shards: number;
  readonly refreshSeconds: number;
}

/** The clusters, of which nothing is known yet. */
export const newClusters = (
  { clusters, shards }: Pick<SyncSettings, 'clusters' | 'shards'>,
  owns: (shard: number) => boolean,
): ReadonlyMap<string, ClusterTargets> => new Map(clusters.map((name) => [name, new ClusterTargets(shards, owns)]));

/** Runs until the signal aborts. */
export async function startSync(parts: SyncParts, signal: AbortSignal): Promise<void> {
  const { settings, owns, health, clusters } = parts;
  const shards = [...Array(settings.shards).keys()].filter(owns);
  const isKnown = await restoreClusters(parts, clusters, shards);
  const publisher = createPublisher(parts);
  const isPublished = await publishAll(publisher, clusters, shards);
  // All is as it was left: the collector need not wait for AWS.
  if (isKnown && isPublished) health.contact();
  await removeOthers(parts, shards);

  const reader = createConfigurationReader({ ...parts, shards, publisher, seconds: settings.refreshSeconds });
  await Promise.all([
    reader.run(signal),
    listen({ ...parts, publisher, reader, deployment: settings.deployment }, signal),
  ]);
}

/**
 * A process that was killed may have written what it remembers, and not the file. The last shard first: where there are more
 * than before, tasks move into the new ones, and are in those files before they leave the others.
 */
async function publishAll(
  publisher: Publisher,
  clusters: ReadonlyMap<string, ClusterTargets>,
  shards: readonly number[],
): Promise<boolean> {
  let isPublished = true;
  for (const cluster of clusters.keys()) {
    for (const shard of shards.toReversed()) isPublished = (await publisher.publish(cluster, shard)) && isPublished;
  }
  return isPublished;
}

/** Not before the files of this collector are there: what stood in another may be in them now. */
async function removeOthers(
  { settings, targetFiles, stateFiles, log, incidents }: SyncParts,
  shards: readonly number[],
): Promise<void> {
  try {
    await targetFiles.removeLeftOvers();
    const isKept = (shard: number): boolean => shards.includes(shard);
    const removed = await targetFiles.removeShards(settings.clusters, isKept);
    if (removed.length > 0) log('info', 'removed files of shards that are not of this collector', { removed });
    for (const { cluster, shard } of await stateFiles.list()) {
      if (!(settings.clusters.includes(cluster) && isKept(shard))) await stateFiles.remove(cluster, shard);
    }
  } catch (error) {
    incidents.begin('files', `files of others stay: ${withAdvice(error)}`);
  }
}
