/** What a discovery is told, and what is wrong with it. */
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ScrapeRule } from '../../functions/discovery/selection/scrape-rule.ts';
import type { ExtraLabel } from '../../functions/discovery/target/labels.ts';
import { dockerLabelNames, tagKeys } from '../props/carried-labels.ts';
import { broken, sharing } from '../props/contradictions.ts';
import { misshapen, type Shapes } from '../props/problems.ts';
import { scrapeRuleList } from '../props/scrape-rules.ts';
import {
  COLLECTORS,
  DEPLOYMENT_NAME,
  EXTERNAL_ID,
  EXTRA_LABEL_LIST,
  NAMESPACE_NAMES,
  NAMESPACES_PARAMETER,
  REMOVAL_LIMIT_PERCENT,
  RESYNC_SCHEDULE,
  SHARD_TIER,
  SHARDS,
} from '../props/shapes.ts';
import type { FunctionNetwork } from './discovery-function.ts';
import { clusterId, problemsOfClusters, type WatchedCluster } from './watched-cluster.ts';

export interface EcsPrometheusDiscoveryProps {
  /**
   * The ECS clusters to watch, at least one; they need not be of this app (see `ClusterByName`), nor of this account and
   * Region (see `ClusterByArn`).
   */
  readonly clusters: readonly WatchedCluster[];
  /**
   * External id by which clusters of other accounts and Regions are looked at; the `EcsClusterSource` there has the same.
   * @default - the name of the deployment
   */
  readonly externalId?: string | undefined;
  /**
   * Name of the deployment: prefix of its SSM parameters, and the value of the owner tag on its Cloud Map services.
   * @default 'ecs-prometheus-discovery'
   */
  readonly deployment?: string;
  /**
   * SSM parameters that hold the targets of one cluster.
   * @default 4
   */
  readonly shards?: number;
  /**
   * SSM tier of those parameters: `Advanced` holds 8 KB each ($0.05 a month each), `Standard` 4 KB, free.
   * @default 'Advanced'
   */
  readonly shardTier?: 'Advanced' | 'Standard';
  /**
   * Names of the Cloud Map namespaces whose services say how to scrape, and in which tasks are registered.
   * @default - those in `namespacesParameter`, if any: otherwise Cloud Map is not used
   */
  readonly namespaces?: readonly string[];
  /**
   * Name of the SSM parameter that lists the namespaces. Without `namespaces`: of one that exists and is left as it is.
   * @default - 'ECS-ServiceDiscovery-Namespaces' with `namespaces`, otherwise none
   */
  readonly namespacesParameter?: string | undefined;
  /**
   * How to scrape tasks that cannot be labelled or tagged. Beside docker labels and tags they add the other ports that
   * containers map.
   * @default - such tasks are not scraped
   */
  readonly scrapeRules?: readonly ScrapeRule[];
  /**
   * Names of docker labels that become labels of the targets; `*` stands for any characters.
   * @default - none
   */
  readonly dockerLabels?: readonly string[];
  /**
   * Labels of every target besides those that it always has.
   * @default - none
   */
  readonly extraLabels?: readonly ExtraLabel[];
  /**
   * Keys of tags of ECS tasks, services and clusters that become labels of the targets; `*` stands for any characters.
   * @default - none
   */
  readonly tagLabels?: readonly string[];
  /**
   * Whether targets carry the labels `__meta_ecs_…` of Prometheus' own ECS discovery and of the ECS observer.
   * @default false
   */
  readonly metaLabels?: boolean;
  /**
   * Whether a task that has a health check is a target only while ECS says that it is healthy.
   * @default false
   */
  readonly healthyOnly?: boolean;
  /**
   * How often resync compares everything with ECS; `off`: only when somebody invokes it.
   * @default 'rate(3 hours)'
   */
  readonly resyncSchedule?: string;
  /**
   * Largest share of a cluster's targets, in percent, that one resync removes without `force`.
   * @default 50
   */
  readonly resyncRemovalLimitPercent?: number;
  /**
   * Number of collectors that split the targets: each gets a queue, and an alarm on it. Nobody empties the queue of a
   * collector that does not run, so count only those that do, in `Collectors` or elsewhere.
   * @default 0
   */
  readonly collectors?: number;
  /**
   * How long logs are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
  /**
   * Subnets and security groups for the functions, for organisations that demand it.
   * @default - the functions run outside any VPC of yours
   */
  readonly functionNetwork?: FunctionNetwork | undefined;
  /**
   * Whether to make the CloudWatch alarms.
   * @default true
   */
  readonly alarms?: boolean;
  /**
   * Who is told of alarms.
   * @default - nobody: the alarms only show their state
   */
  readonly alarmAction?: IAlarmAction | undefined;
  /**
   * Whether to make the CloudWatch dashboard, named after the deployment and the Region.
   * @default true
   */
  readonly dashboard?: boolean;
}

export const DEFAULT_SHARDS = 4;

const SHAPES: Shapes<EcsPrometheusDiscoveryProps> = {
  externalId: EXTERNAL_ID,
  deployment: DEPLOYMENT_NAME,
  shards: SHARDS,
  shardTier: SHARD_TIER,
  namespaces: NAMESPACE_NAMES,
  namespacesParameter: NAMESPACES_PARAMETER,
  scrapeRules: scrapeRuleList,
  dockerLabels: dockerLabelNames,
  extraLabels: EXTRA_LABEL_LIST,
  tagLabels: tagKeys,
  resyncSchedule: RESYNC_SCHEDULE,
  resyncRemovalLimitPercent: REMOVAL_LIMIT_PERCENT,
  collectors: COLLECTORS,
};

/** One sentence for each problem; none: a discovery can be made. */
export function problemsOfDiscovery(props: EcsPrometheusDiscoveryProps): string[] {
  const bad = [...problemsOfClusters(props.clusters), ...misshapen(props, SHAPES)];
  if (bad.length > 0) return bad;
  const { clusters, collectors = 0, shards = DEFAULT_SHARDS, functionNetwork } = props;
  const ids = clusters.map(clusterId);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  return broken([
    [clusters.length === 0, 'clusters is empty: give at least one cluster to watch'],
    [twice !== undefined, `clusters names ${twice} twice`],
    sharing({ collectors, shards }),
    [
      functionNetwork !== undefined &&
        (functionNetwork.subnets.length === 0 || functionNetwork.securityGroups.length === 0),
      'functionNetwork needs at least one subnet and one security group',
    ],
  ]);
}
