import { createHash } from 'node:crypto';
import { type TargetGroup, targetGroups } from '../../../functions/discovery/target/file-sd.ts';
import { LABELS } from '../../../functions/discovery/target/labels.ts';
import type { TaskTargets } from '../../../functions/discovery/target/task-targets.ts';
import type { ClusterTargets } from '../sync/cluster-targets.ts';
import { type Answer, text } from './answer.ts';
import type { Request } from './server.ts';

interface HttpSdParts {
  readonly clusters: ReadonlyMap<string, ClusterTargets>;
  /** The shards of each cluster that are this collector's. */
  readonly shards: readonly number[];
}

/**
 * The targets as Prometheus, Alloy and vmagent read them over HTTP (Prometheus documentation, "Writing HTTP service
 * discovery"): all, or those of `?cluster=` and `?job=`, each of which may be there several times. An empty job stands for
 * targets without one.
 *
 * 503 until all of a cluster is known: they keep the targets that they have then, and would drop what an answer lacks.
 */
export function httpSd({ clusters, shards }: HttpSdParts, { query, known }: Request): Answer {
  const wanted = query.getAll('cluster');
  const unknown = wanted.find((cluster) => !clusters.has(cluster));
  if (unknown !== undefined)
    return text(404, `cluster "${unknown}" is not watched: ${[...clusters.keys()].join(', ')}`);
  const jobs = query.getAll('job');
  const hasJob = ({ labels }: TargetGroup): boolean => jobs.length === 0 || jobs.includes(labels[LABELS.job] ?? '');

  const snapshot: TaskTargets[][] = [];
  for (const [cluster, targets] of clusters) {
    if (wanted.length > 0 && !wanted.includes(cluster)) continue;
    for (const shard of shards) {
      const shown = targets.version(shard) === undefined ? undefined : targets.targets(shard);
      if (!shown) return text(503, `shard ${shard} of cluster "${cluster}" was not read yet`);
      snapshot.push(shown);
    }
  }
  const hash = createHash('sha256');
  for (const part of partsOf(snapshot, hasJob)) hash.update(part);
  const etag = `"${hash.digest('base64url')}"`;
  if (known?.split(/, */).includes(etag)) return { status: 304, headers: { etag }, body: [] };
  const headers = { 'content-type': 'application/json', etag };
  return { status: 200, headers, body: partsOf(snapshot, hasJob) };
}

/** Shard by shard, and twice: the text of 10,000 targets takes 4 MB, more than all that target-sync may have to spare. */
function* partsOf(
  shards: readonly (readonly TaskTargets[])[],
  isWanted: (group: TargetGroup) => boolean,
): Generator<string> {
  let before = '[\n';
  for (const tasks of shards) {
    const groups = targetGroups(tasks).filter(isWanted);
    if (groups.length === 0) continue;
    yield before + groups.map((group) => JSON.stringify(group)).join(',\n');
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}
