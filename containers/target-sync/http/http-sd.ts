import { createHash } from 'node:crypto';
import { type TargetGroup, targetGroups } from '../../../functions/discovery/target/file-sd.ts';
import { LABELS } from '../../../functions/discovery/target/labels.ts';
import type { ClusterTargets } from '../sync/cluster-targets.ts';
import { type Answer, text } from './answer.ts';
import type { Request } from './server.ts';

export interface HttpSdParts {
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

  const body: string[] = [];
  for (const [cluster, targets] of clusters) {
    if (wanted.length > 0 && !wanted.includes(cluster)) continue;
    for (const shard of shards) {
      const shown = targets.version(shard) === undefined ? undefined : targets.targets(shard);
      if (!shown) return text(503, `shard ${shard} of cluster "${cluster}" was not read yet`);
      const groups = targetGroups(shown).filter(hasJob);
      if (groups.length > 0) body.push(groups.map((group) => JSON.stringify(group)).join(',\n'));
    }
  }
  const parts = ['[\n', ...body.flatMap((part, index) => (index === 0 ? [part] : [',\n', part])), '\n]\n'];
  const etag = `"${parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('base64url')}"`;
  if (known?.split(/, */).includes(etag)) return { status: 304, headers: { etag }, body: [] };
  return { status: 200, headers: { 'content-type': 'application/json', etag }, body: parts };
}
