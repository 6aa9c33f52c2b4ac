import type { Here } from '../discovery/cluster/cluster-key.ts';
import type { ScrapeRule } from '../discovery/selection/scrape-rule.ts';
import type { ParameterTier } from '../discovery/shard/shard-codec.ts';
import type { LabelSettings } from '../discovery/target/task-labels.ts';

/** What a deployment watches and how; the same for all stages. */
export interface DiscoverySettings {
  /** Name of the deployment: prefix of its parameters, value of the owner tag. */
  readonly deployment: string;
  /** The ECS clusters that are watched, as cluster-key.ts calls them: by name, or with Region and account. */
  readonly clusters: readonly string[];
  /** The account and Region of the deployment. */
  readonly here: Here;
  /** External id by which the roles of other accounts and Regions are assumed; absent where no cluster is elsewhere. */
  readonly externalId?: string;
  /** Shards of each cluster. */
  readonly shards: number;
  readonly shardTier: ParameterTier;
  /** Parameter with the names of the Cloud Map namespaces; undefined: Cloud Map is not used. */
  readonly namespacesParameter: string | undefined;
  readonly scrapeRules: readonly ScrapeRule[];
  /** Docker labels that become labels of the targets, `*` stands for any characters; absent: none. */
  readonly dockerLabels?: readonly string[];
  /** Labels of the targets besides those that they always have; absent: none. */
  readonly labels?: LabelSettings;
  /** A task with a health check is a target only while ECS says that it is healthy; absent: whatever its health. */
  readonly healthyOnly?: boolean;
  /** Largest share of a cluster's tasks, in percent, that one resync removes without `force`. */
  readonly resyncRemovalLimitPercent: number;
}
