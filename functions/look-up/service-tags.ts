/** Tags of the ECS service of a task, where labels are made from them. */
import { type Ecs, SERVICES_PER_CALL } from '../aws/ecs.ts';
import type { Clock } from '../discovery/clock.ts';
import { wantsTags } from '../discovery/target/task-labels.ts';
import type { Task } from '../discovery/task/task.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import { createLoader } from './expiring-loader.ts';

export interface ServiceTags {
  /**
   * Undefined for a standalone task, and where no label is made from tags.
   *
   * @throws when AWS does not say
   */
  of(task: Task): Promise<Readonly<Record<string, string>> | undefined>;
}

/** As long as the tags of Cloud Map services are remembered. */
const SECONDS = 300;

export function createServiceTags(
  { ecs, clock }: { readonly ecs: Ecs; readonly clock: Clock },
  { clusters, labels }: Pick<DiscoverySettings, 'clusters' | 'labels'>,
): ServiceTags {
  const loaders = new Map(
    clusters.map((cluster) => [
      cluster,
      createLoader((services) => ecs.describeServiceTags(cluster, services), {
        batchSize: SERVICES_PER_CALL,
        seconds: SECONDS,
        clock,
      }),
    ]),
  );
  return {
    async of(task) {
      if (!wantsTags(labels) || task.service === undefined) return undefined;
      return loaders.get(task.cluster)?.load(task.service);
    },
  };
}
