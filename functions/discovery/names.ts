/**
 * The names this project writes into the world, in one block: SSM parameters, events, tags and environment
 * variables. Changing one is a migration for everybody who has deployed it.
 */

/** Name of a deployment where the settings give none; also the first part of its parameter names. */
export const DEFAULT_DEPLOYMENT = 'ecs-prometheus-discovery';

/** The namespaces parameter of the reference system: a comma-separated list of Cloud Map namespace names. */
export const DEFAULT_NAMESPACES_PARAMETER = 'ECS-ServiceDiscovery-Namespaces';

/**
 * Tag that a Cloud Map service must carry, with the deployment's name as its value, before this project registers
 * instances in it. A service without it belongs to somebody else (ECS itself, Service Connect, a team).
 */
export const OWNER_TAG = 'ecs-prometheus-discovery:owner';

/** The SSM parameter that holds one shard of a cluster's targets. `shard` counts from 0. */
export const shardParameterName = (deployment: string, cluster: string, shard: number): string =>
  `/${deployment}/${cluster}/targets/${shard}`;

/**
 * The role that lets a deployment look at ECS in another account or Region. Its name has the Region, because names of roles
 * are those of an account, and nothing of what CloudFormation makes up, because nobody could know it elsewhere.
 */
export const sourceRoleName = (deployment: string, region: string): string => `${deployment}-source-${region}`;

/**
 * Tag of the roles that look at clusters elsewhere, with the deployment's name as its value: the role there lets in only
 * who has it. CloudFormation makes up the names of these roles, so no policy of another account could name them.
 */
export const WATCHER_TAG = 'ecs-prometheus-discovery:watcher';

/** An SSM parameter in which resync keeps task definitions from one run to the next. `number` counts from 0. */
export const definitionsParameterName = (deployment: string, number: number): string =>
  `/${deployment}/task-definitions/${number}`;

/** Shards for which there is one parameter of task definitions. */
const SHARDS_PER_DEFINITIONS_PARAMETER = 32;

/** How many of those parameters there are: a large fleet has more services. */
export const definitionsParameterCount = ({
  clusters,
  shards,
}: {
  readonly clusters: number;
  readonly shards: number;
}) => Math.ceil((clusters * shards) / SHARDS_PER_DEFINITIONS_PARAMETER);

/** The attribute by which a subscription to the topic "targets changed" tells messages apart. */
export const MESSAGE_KIND = {
  attribute: 'kind',
  /** Says what changed, for all consumers. */
  changes: 'changes',
  /** Says that shards were written or compared, for those who read them. */
  notice: 'notice',
} as const;

/** Environment variables of the Lambdas; target-sync reads `deployment`, `clusters` and `shards`, too. */
export const ENVIRONMENT = {
  /** Name of the deployment: prefix of its parameters, value of its {@link OWNER_TAG}. */
  deployment: 'DISCOVERY_DEPLOYMENT',
  /** Comma-separated ECS clusters that are watched, as cluster-key.ts calls them. */
  clusters: 'DISCOVERY_CLUSTERS',
  /** Where the deployment is: `arn:aws:ecs:eu-west-1:111122223333`, the beginning of the ARNs of its own clusters. */
  here: 'DISCOVERY_HERE',
  /** External id by which the roles of other accounts and Regions are assumed; empty where no cluster is elsewhere. */
  externalId: 'DISCOVERY_EXTERNAL_ID',
  /** How many shards each cluster has. */
  shards: 'DISCOVERY_SHARDS',
  /** SSM tier of the shards, `Standard` (4 KB each) or `Advanced` (8 KB each). */
  shardTier: 'DISCOVERY_SHARD_TIER',
  /** Name of the namespaces parameter; empty: Cloud Map is not used. */
  namespacesParameter: 'DISCOVERY_NAMESPACES_PARAMETER',
  /** JSON array of scrape rules, see scrape-rule.ts. */
  scrapeRules: 'DISCOVERY_SCRAPE_RULES',
  /** JSON object of the labels of targets besides those that they always have, see task-labels.ts; empty: none. */
  labels: 'DISCOVERY_LABELS',
  /** `true`: tasks with a health check are targets only while they are healthy. */
  healthyOnly: 'DISCOVERY_HEALTHY_ONLY',
  /** Comma-separated names of docker labels that become labels of the targets, see carried-labels.ts. */
  dockerLabels: 'DISCOVERY_DOCKER_LABELS',
  /** ARN of the topic that announces changes of targets. */
  topicArn: 'DISCOVERY_TOPIC_ARN',
  /** Comma-separated URLs of the queues that a stage reads. */
  queueUrls: 'DISCOVERY_QUEUE_URLS',
  /** URL of the queue where messages end that will never be good. */
  deadLetterQueueUrl: 'DISCOVERY_DEAD_LETTER_QUEUE_URL',
  /** Largest share of a cluster's targets, in percent, that one resync removes without `force`. */
  resyncRemovalLimitPercent: 'DISCOVERY_RESYNC_REMOVAL_LIMIT_PERCENT',
} as const;

/** The folder in target-sync's volume that the collector watches; nothing but target files is ever in it. */
export const TARGET_FILES_FOLDER = 'file_sd';

/** Properties of the CloudFormation resource that deregisters instances from Cloud Map when it is deleted. */
export const REGISTRATIONS_RESOURCE = {
  /** Id of the one Cloud Map service to empty; absent: all services of the deployment. */
  serviceId: 'ServiceId',
} as const;

/** Properties of the CloudFormation resource that fills a Grafana workspace. */
export interface GrafanaProvisioningProperties {
  readonly WorkspaceId: string;
  /** Where Grafana answers. */
  readonly Url: string;
  /** The Prometheus API to query: its base URL, and the Region that requests are signed for. */
  readonly DataSource: { readonly name: string; readonly uid: string; readonly url: string; readonly region: string };
  /** Dashboards in JSON, each as `s3://<bucket>/<key>`. */
  readonly Dashboards: readonly string[];
}
