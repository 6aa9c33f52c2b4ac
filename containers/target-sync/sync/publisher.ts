import { targetGroups } from '../../../functions/discovery/target/file-sd.ts';
import type { StateFiles } from '../files/state-files.ts';
import type { TargetFiles } from '../files/target-files.ts';
import { withAdvice } from '../operator/advice.ts';
import type { Incidents } from '../operator/incidents.ts';
import type { Log } from '../operator/log.ts';
import type { ClusterTargets } from './cluster-targets.ts';
import type { SyncObserver } from './observer.ts';

/** Writes what is known of a shard: first what survives a restart, then the file that the collector reads. */
export interface Publisher {
  /** @returns false when it failed: the file is as it was, and the shard is written with the next call that names it */
  publish(cluster: string, shard: number): Promise<boolean>;
  /** Shards whose last writing failed. */
  failed(cluster: string): readonly number[];
}

export interface PublisherParts {
  readonly clusters: ReadonlyMap<string, ClusterTargets>;
  readonly targetFiles: TargetFiles;
  readonly stateFiles: StateFiles;
  readonly incidents: Incidents;
  readonly log: Log;
  readonly observer?: SyncObserver;
}

/** What a file was made from is lost, and nothing has replaced it yet. */
class StateLost extends Error {
  override readonly name = 'StateLost';
}

export function createPublisher(parts: PublisherParts): Publisher {
  const { clusters, targetFiles, stateFiles, incidents, log, observer } = parts;
  const failed = new Map<string, Set<number>>();
  const waiting = new Map<string, Promise<boolean>>();
  let last: Promise<unknown> = Promise.resolve();

  /** One at a time: what is written is what is known at that moment. */
  function inTurn<T>(action: () => Promise<T>): Promise<T> {
    const turn = last.then(action);
    last = turn;
    return turn;
  }

  async function write(cluster: string, shard: number): Promise<void> {
    const known = clusters.get(cluster);
    if (known?.isDistrusted(shard)) throw new StateLost('its configuration was not read since its state was lost');
    const targets = known?.targets(shard);
    if (!known || !targets) return;
    await stateFiles.save(cluster, shard, known.state(shard));
    const groups = targetGroups(targets);
    const result = await targetFiles.write(cluster, shard, groups);
    observer?.published?.(cluster, shard, groups.length);
    if (result === 'written') {
      log('info', 'targets written', { cluster, shard, version: known.version(shard) ?? 0, targets: groups.length });
    }
  }

  async function publish(cluster: string, shard: number): Promise<boolean> {
    const subject = `file ${cluster}/${shard}`;
    const ofCluster = failed.get(cluster) ?? new Set();
    failed.set(cluster, ofCluster);
    try {
      await write(cluster, shard);
      ofCluster.delete(shard);
      incidents.end(subject);
      return true;
    } catch (error) {
      ofCluster.add(shard);
      incidents.begin(subject, `the file stays as it is: ${withAdvice(error)}`, { cluster, shard });
      return false;
    }
  }

  return {
    publish(cluster, shard) {
      const key = `${cluster}/${shard}`;
      // One that has not begun will write what is known then.
      const next =
        waiting.get(key) ??
        inTurn(() => {
          waiting.delete(key);
          return publish(cluster, shard);
        });
      waiting.set(key, next);
      return next;
    },
    failed: (cluster) => [...(failed.get(cluster) ?? [])],
  };
}
