/** Compares all that is published and registered with ECS, and announces what events missed. */
import { describeError } from '../aws/errors.ts';
import { METRICS } from '../discovery/metric-names.ts';
import type { RememberedDefinitions } from '../look-up/remembered-definitions.ts';
import { isWhole, NoSuchService } from './cluster-state.ts';
import { type ResyncDeps, resyncCluster } from './resync-cluster.ts';
import { type ClusterSummary, failedSummary, type ResyncRequest, type ResyncSummary } from './resync-summary.ts';

export interface ResyncRun {
  readonly summary: ResyncSummary;
  /** What to invoke next when the time did not suffice. */
  readonly resume?: ResyncRequest;
}

/**
 * Resyncs the watched clusters one after the other; one that fails does not keep the others from theirs.
 *
 * @param deadline milliseconds since 1970 after which no further cluster or shard is begun, except the first
 * @param awsCalls how many requests were sent so far
 */
export async function resync(
  deps: ResyncDeps & { readonly definitions: RememberedDefinitions },
  request: ResyncRequest,
  deadline: number,
  awsCalls: () => number,
): Promise<ResyncRun> {
  const began = deps.clock.now();
  const callsBefore = awsCalls();
  // Who has just corrected a tag runs a resync for that, and may have run one a moment before.
  deps.scraping.forget();
  await deps.definitions.recall();
  const { clusters, resume } = await resyncClusters(deps, request, deadline);
  const isOfAll = isWhole(request) && !request.cluster && !request.resumeAt && !resume;
  const hasSeenAll = isOfAll && clusters.every(({ problems }) => problems.length === 0);
  if (!request.dryRun) await deps.definitions.keep(hasSeenAll);
  const summary: ResyncSummary = {
    dryRun: request.dryRun ?? false,
    clusters,
    complete: resume === undefined,
    awsCalls: awsCalls() - callsBefore,
    durationMilliseconds: Math.round(deps.clock.now() - began),
  };
  return { summary, ...(resume && { resume }) };
}

async function resyncClusters(
  deps: ResyncDeps,
  request: ResyncRequest,
  deadline: number,
): Promise<{ readonly clusters: readonly ClusterSummary[]; readonly resume?: ResyncRequest }> {
  const clusters: ClusterSummary[] = [];
  const withoutService: ClusterSummary[] = [];
  for (const cluster of clustersOf(deps.settings.clusters, request)) {
    const from = request.resumeAt?.cluster === cluster ? request.resumeAt.shard : 0;
    if (clusters.length > 0 && !request.dryRun && deps.clock.now() >= deadline) {
      return { clusters, resume: { ...request, resumeAt: { cluster, shard: 0 } } };
    }
    try {
      const { summary, next } = await resyncCluster(deps, cluster, request, from, deadline);
      clusters.push(summary);
      if (next !== undefined) return { clusters, resume: { ...request, resumeAt: { cluster, shard: next } } };
    } catch (error) {
      const isWithout = error instanceof NoSuchService;
      (isWithout ? withoutService : clusters).push(failedSummary(cluster, describeError(error)));
      if (!isWithout && !request.dryRun) deps.report.count(METRICS.problems, 1, { cluster });
    }
  }
  // A service is in one of the clusters, as a rule. Who goes on may have found it before.
  return { clusters: clusters.length > 0 || request.resumeAt ? clusters : withoutService };
}

function clustersOf(watched: readonly string[], { cluster, resumeAt }: ResyncRequest): readonly string[] {
  if (cluster !== undefined) return [cluster];
  return resumeAt ? watched.slice(Math.max(0, watched.indexOf(resumeAt.cluster))) : watched;
}
