/** Tags of the ECS service and the cluster of a task, where labels are made from them. */
import { type Ecs, SERVICES_PER_CALL } from '../aws/ecs.ts';
import type { Clock } from '../discovery/clock.ts';
import { clusterKeyOf } from '../discovery/cluster/cluster-key.ts';
import type { Labels } from '../discovery/target/labels.ts';
import { type OuterTags, wantsTags } from '../discovery/target/task-labels.ts';
import type { Task } from '../discovery/task/task.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import { CATALOGUE_SECONDS } from './catalogue.ts';
import { createLoader } from './expiring-loader.ts';

interface TagsLookup {
  /**
   * Empty where no label is made from tags; those of the service empty for a standalone task.
   *
   * @throws when AWS does not say
   */
  of(task: Task): Promise<OuterTags>;
  /** Asks ECS again; what it said before serves only where it fails to answer. */
  forget(): void;
}

export function createTagsLookup(
  { ecs, clock }: { readonly ecs: Ecs; readonly clock: Clock },
  { clusters, here, labels }: Pick<DiscoverySettings, 'clusters' | 'here' | 'labels'>,
): TagsLookup {
  const ofServices = new Map(
    clusters.map((cluster) => [
      cluster,
      createLoader<Labels>((services) => ecs.describeServiceTags(cluster, services), {
        batchSize: SERVICES_PER_CALL,
        seconds: CATALOGUE_SECONDS,
        clock,
      }),
    ]),
  );
  const ofClusters = createLoader<Labels>(
    async ([cluster = '']) => new Map([[cluster, await ecs.describeClusterTags(cluster)]]),
    { batchSize: 1, seconds: CATALOGUE_SECONDS, clock },
  );
  return {
    async of({ clusterArn, service }) {
      if (!wantsTags(labels)) return {};
      const cluster = clusterKeyOf(clusterArn, here);
      const [ofService, ofCluster] = await Promise.all([
        service === undefined ? undefined : ofServices.get(cluster)?.load(service),
        ofClusters.load(cluster),
      ]);
      return { cluster: ofCluster, ...(ofService && { service: ofService }) };
    },
    forget() {
      for (const loader of [ofClusters, ...ofServices.values()]) loader.forget();
    },
  };
}
