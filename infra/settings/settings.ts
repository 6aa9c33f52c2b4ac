/**
 * Every knob of the CDK app: what it may be, what it is when nobody says, what it is for. Set one with
 * `npx cdk deploy -c name=value`, or in `cdk.json` under `context`. `docs/settings.md` is written from this table.
 */
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DEFAULT_DEPLOYMENT, DEFAULT_NAMESPACES_PARAMETER } from '../../functions/discovery/names.ts';
import { SCRAPE_JOB } from '../constructs/collector/job-names.ts';
import type { CheckedJob } from '../constructs/collector/scrape-jobs/scrape-job.ts';
import type { SecretVariables } from '../constructs/collector/scrape-jobs/secret-value.ts';
import { dockerLabelNames, tagKeys } from '../props/carried-labels.ts';
import { portRange } from '../props/ports.ts';
import { scrapeRuleList } from '../props/scrape-rules.ts';
import { BadValue, choice, flag, list, type Shape, shape, text, wholeNumber } from '../props/shape.ts';
import {
  ARCHITECTURE,
  CLUSTER_ARN,
  CLUSTER_NAME,
  COLLECTOR_CPU,
  COLLECTOR_MEMORY,
  COLLECTORS,
  COUNT,
  DEPLOYMENT_NAME,
  EVENT_BUS_ARN,
  EXTERNAL_ID,
  EXTRA_LABEL_LIST,
  INSTANCE_TYPE,
  isArn,
  JOB_NAME,
  LAUNCH_TYPE,
  NAMESPACE_NAMES,
  NAMESPACES_PARAMETER,
  NAT_GATEWAYS,
  REMOVAL_LIMIT_PERCENT,
  RESYNC_SCHEDULE,
  SCRAPE_INTERVAL_SECONDS,
  SHARD_TIER,
  SHARDS,
  VPC_CIDR,
} from '../props/shapes.ts';
import { pipelineFile, scrapeJobList, secretsByVariable } from './scraping.ts';
import { type ExistingWorkspace, workspaceShape } from './workspace.ts';

/** What the defaults of other settings may depend on. */
export interface Basis {
  readonly deployment: string;
  /** No cluster was named, so that the app makes one, and by default the whole reference system around it. */
  readonly ownCluster: boolean;
  /** The app runs collectors. */
  readonly collector: boolean;
}

export interface Setting<T> {
  readonly shape: Shape<T>;
  readonly fallback: (basis: Basis) => T;
  /** The default in words, where {@link fallback} depends on other settings. */
  readonly fallbackDoc?: string;
  /** One or two sentences for `docs/settings.md`. */
  readonly doc: string;
}

const setting = <T>(shape: Shape<T>, fallback: T, doc: string): Setting<T> => ({
  shape,
  fallback: () => fallback,
  doc,
});

const derived = <T>(shape: Shape<T>, fallback: (basis: Basis) => T, fallbackDoc: string, doc: string): Setting<T> => ({
  shape,
  fallback,
  fallbackDoc,
  doc,
});

const cluster = shape('', (raw) => (isArn(raw) ? CLUSTER_ARN : CLUSTER_NAME)(raw));

const clusterNames = shape(
  'cluster names, or ARNs of clusters elsewhere, with commas between them',
  (raw): readonly string[] => {
    const names = list(cluster, '')(raw);
    if (names.length === 0)
      throw new BadValue('is empty: name the ECS clusters to watch, as in -c clusters=prod,staging');
    return names;
  },
);

/** The retention periods that CloudWatch Logs accepts, in days. */
const retentionDays = shape('1, 3, 5, 7, 14, 30, 60, 90, … as CloudWatch Logs knows them', (raw): RetentionDays => {
  const days = wholeNumber(1, RetentionDays.TEN_YEARS)(raw);
  if (RetentionDays[days] === undefined) {
    throw new BadValue(`must be a period that CloudWatch Logs knows (1, 3, 5, 7, 14, 30, 60, 90, …), not ${days}`);
  }
  return days;
});

/** Ids as EC2 makes them up. */
const idOf = (prefix: 'vpc' | 'subnet' | 'sg', of: string): Shape<string> =>
  text(new RegExp(`^${prefix}-[0-9a-f]{3,17}$`), `the id of a ${of} (${prefix}-…)`);

const ports = (...numbers: readonly number[]) => numbers.map((port) => ({ from: port, to: port }));

/** What is watched, and how targets are found and kept. */
const DISCOVERY = {
  deployment: setting(
    DEPLOYMENT_NAME,
    DEFAULT_DEPLOYMENT,
    'Name of this deployment: prefix of its stacks and SSM parameters, and the value of the owner tag on its Cloud Map services. Two deployments in one account and Region need two names.',
  ),
  clusters: derived(
    clusterNames,
    ({ deployment }) => [deployment],
    'none: the app makes a cluster named like the deployment',
    'Names of the existing ECS clusters to watch, with commas between them; clusters of other accounts and Regions by their ARN ([how](elsewhere.md)). With it, the app deploys the discovery alone, and of the rest only what is turned on; that runs in the first of these clusters that is here.',
  ),
  externalId: setting<string | undefined>(
    EXTERNAL_ID,
    undefined,
    'External id by which the deployment looks at clusters of other accounts and Regions; both sides have the same. None: the name of the deployment.',
  ),
  forwardTo: setting<string | undefined>(
    EVENT_BUS_ARN,
    undefined,
    'Output `SourcesBus` of a deployment in another account or Region. With it, the app deploys one small stack and nothing else: it lets that deployment watch `clusters` here ([how](elsewhere.md)).',
  ),
  shards: setting(
    SHARDS,
    4,
    'SSM parameters that hold the targets of one cluster: one for every 60 tasks (30 in tier Standard), for room while all of them are replaced. More of them also let more collectors share; each is one more write when everything changes at once.',
  ),
  shardTier: setting(
    SHARD_TIER,
    'Advanced',
    'SSM tier of those parameters. Advanced: 8 KB each, about $0.05 a month each. Standard: 4 KB each, free.',
  ),
  namespaces: derived(
    NAMESPACE_NAMES,
    ({ ownCluster }) => (ownCluster ? ['ecs-services'] : []),
    '`ecs-services` when the app makes the cluster, otherwise none',
    'Cloud Map namespaces whose services may say how to scrape their tasks, and in which tasks are registered. With a cluster of its own, the app makes them, for private DNS. None, and no `namespacesParameter`: Cloud Map is not used.',
  ),
  namespacesParameter: derived<string | undefined>(
    NAMESPACES_PARAMETER,
    () => undefined,
    `\`${DEFAULT_NAMESPACES_PARAMETER}\` when there are namespaces`,
    'Name of the SSM parameter that lists the namespaces. Set it without `namespaces` to use a parameter that exists, such as the one of the reference system, as it is.',
  ),
  scrapeRules: setting(
    scrapeRuleList,
    [],
    'JSON array of rules for tasks that you cannot label or tag; beside labels and tags they add other ports: `service`, `taskDefinition` or `container` (`*` stands for any characters), `port` (one or an array), and if wanted `path`, `scheme`, `params`, `job` and `labels`: `[{"service":"shop-*","port":9000}]`. With `"exclude":true` instead of a port, what matches is not scraped, whatever else selects it. See [scraping](scraping.md#3-rules-in-the-settings).',
  ),
  dockerLabels: setting(
    dockerLabelNames,
    [],
    'Docker labels that become labels of the targets, with commas between them; `*` stands for any characters, and what a label name of Prometheus cannot hold becomes `_`: `env,com.example.*`. None of them replaces a label of the discovery; `job` is used where no other label names the job.',
  ),
  extraLabels: setting(
    EXTRA_LABEL_LIST,
    [],
    'Labels of every target besides those that it always has. Each of them makes the parameters hold fewer targets.',
  ),
  tagLabels: setting(
    tagKeys,
    [],
    'Keys of tags of ECS tasks, services and clusters that become labels of the targets, with commas between them, as with `dockerLabels`. The nearest tag counts: of the task, of its service, of the cluster.',
  ),
  metaLabels: setting(
    flag,
    false,
    "Whether targets carry the labels `__meta_ecs_…` of Prometheus' own ECS discovery and of the ECS observer, for relabelling that you have. See [scraping](scraping.md#more-labels).",
  ),
  healthyOnly: setting(
    flag,
    false,
    'Whether a task that has a health check is a target only while ECS says that it is HEALTHY. One that becomes healthy within five minutes of its start is a target within a minute of that; later changes of health are seen by the next resync.',
  ),
  resyncSchedule: setting(
    RESYNC_SCHEDULE,
    'rate(3 hours)',
    'How often resync compares everything with ECS, and right after a deployment that changes what is scraped; `off` leaves it to manual invocation.',
  ),
  resyncRemovalLimitPercent: setting(
    REMOVAL_LIMIT_PERCENT,
    50,
    'Largest share of the targets of a cluster that one resync removes without `force`.',
  ),
} as const;

/** What scrapes the targets, and where the metrics go. */
const COLLECTION = {
  collector: derived(
    flag,
    ({ ownCluster }) => ownCluster,
    '`true` when the app makes the cluster, otherwise `false`',
    'Whether to run ADOT collectors that scrape the targets. In an existing cluster it needs `vpcId` and `subnetIds`.',
  ),
  collectors: derived(
    COLLECTORS,
    ({ collector }) => (collector ? 1 : 0),
    '1 with `collector`, otherwise 0',
    'Number of collectors; each has its own queue, with an alarm, and scrapes its own part of the shards. Set it without `collector` when you run target-sync yourself: it is the number of queues for your collectors.',
  ),
  collectorCpu: setting(COLLECTOR_CPU, 512, 'CPU units of a collector task, 1,024 a vCPU.'),
  collectorMemory: setting(
    COLLECTOR_MEMORY,
    1024,
    'Memory of a collector task in MiB; 128 of them are for target-sync. 1,024 for every 50,000 series ([how large a collector has to be](costs.md#how-large-a-collector-has-to-be)). Fargate knows only some together with `collectorCpu`.',
  ),
  scrapeIntervalSeconds: setting(SCRAPE_INTERVAL_SECONDS, 15, 'Seconds between two scrapes of a target.'),
  scrapeJob: setting(
    JOB_NAME,
    SCRAPE_JOB,
    'Label `job` of what is scraped, unless a docker label or a rule names another. Set it to the job of the pipeline that you had, `ecs_services` in the reference system, and dashboards and alerts that name it go on.',
  ),
  scrapeJobs: setting<readonly CheckedJob[]>(
    scrapeJobList,
    [],
    "Scrape jobs in Prometheus' own words, each for the targets whose label `job` is its `job_name`: TLS, authorisation from Secrets Manager, interval, limits, relabelling. The one named like `scrapeJob` is for all other targets. See [scraping](scraping.md#scrape-jobs-of-your-own).",
  ),
  collectorPipeline: setting<string | undefined>(
    pipelineFile,
    undefined,
    'A pipeline of the OpenTelemetry Collector in place of the one here, with placeholders. See [scraping](scraping.md#a-pipeline-of-your-own).',
  ),
  collectorSecrets: setting<SecretVariables>(
    secretsByVariable,
    {},
    'Secrets of Secrets Manager in the environment of the collectors, for `collectorPipeline`: `{"TOKEN":{"secret":"arn:aws:secretsmanager:…","field":"token"}}` becomes `env:TOKEN` there.',
  ),
  scrapePorts: derived(
    list(portRange, 'ports and ranges of ports, with commas between them'),
    ({ ownCluster }) => (ownCluster ? ports(3000, 9779) : ports(3000, 9100, 9779)),
    '`3000,9779` when the app makes the cluster, where port 9100 of its instances comes on top; otherwise `3000,9100,9779`',
    'Ports that the security groups let collectors scrape. Tasks in bridge mode need `32768-65535`.',
  ),
  targetSecurityGroupIds: setting(
    list(idOf('sg', 'security group'), 'ids of security groups (sg-…), with commas between them'),
    [],
    'Existing security groups of what is scraped: the app lets the collectors in on `scrapePorts`. None, with existing clusters: the collectors may go out on these ports to anywhere, and you let their security group, an output of the stack, in yourself.',
  ),
  workspace: setting<ExistingWorkspace | undefined>(
    workspaceShape,
    undefined,
    'An existing workspace of Amazon Managed Service for Prometheus that metrics are sent to, in this account; its URL, if it is in another Region. Without it, the app makes one.',
  ),
  workspaceRemoval: setting(
    choice('retain', 'delete'),
    'retain',
    'What becomes of the workspace that the app made, and of all metrics in it, when it is destroyed or another one is named. One that is kept costs the storage of its metrics until they expire (after 150 days) or you delete it.',
  ),
  grafana: setting(
    flag,
    false,
    'Whether to make an Amazon Managed Grafana workspace that reads the metrics, with the data source and the dashboards of `docs/dashboards` ($9 a month for each editor, $5 for each viewer). It needs IAM Identity Center, where you assign its users.',
  ),
} as const;

/** Where all that runs. */
const PLACE = {
  vpcId: setting<string | undefined>(
    idOf('vpc', 'VPC'),
    undefined,
    'An existing VPC for everything that runs in one. Without it, the app makes a VPC when it makes the cluster.',
  ),
  subnetIds: setting(
    list(idOf('subnet', 'subnet'), 'ids of subnets (subnet-…), with commas between them'),
    [],
    'Private subnets of `vpcId` for the tasks and instances; from there, AWS and the image registries have to be in reach.',
  ),
  functionSubnetIds: setting(
    list(idOf('subnet', 'subnet'), 'ids of subnets (subnet-…), with commas between them'),
    [],
    'Subnets for the Lambda functions, for organisations that demand it; with `functionSecurityGroupIds`. From there the endpoints of SQS, SNS, SSM, ECS, EC2, Lambda, CloudWatch Logs and, if it is used, Cloud Map have to be in reach.',
  ),
  functionSecurityGroupIds: setting(
    list(idOf('sg', 'security group'), 'ids of security groups (sg-…), with commas between them'),
    [],
    'Security groups of the Lambda functions in `functionSubnetIds`.',
  ),
  vpcCidr: setting(VPC_CIDR, '10.10.0.0/16', 'IPv4 range of the VPC that the app makes.'),
  natGateways: setting(
    NAT_GATEWAYS,
    1,
    'NAT gateways of that VPC (about $33 a month each). Two: an availability zone that fails takes only its own tasks along.',
  ),
  launchType: setting(
    LAUNCH_TYPE,
    'FARGATE',
    'Where the collectors and the sample workload run. EC2 in a cluster that the app makes needs `ec2Instances`.',
  ),
  architecture: setting(
    ARCHITECTURE,
    'ARM64',
    'Of Fargate tasks and of the images that the app builds; on EC2, that of the instances.',
  ),
  ec2Instances: derived(
    COUNT,
    ({ ownCluster }) => (ownCluster ? 2 : 0),
    '2 when the app makes the cluster, otherwise 0',
    'EC2 instances, at least, of the cluster that the app makes; 0: none, Fargate alone.',
  ),
  ec2MaxInstances: setting(COUNT, 4, 'EC2 instances at most; ECS adds some while tasks find no room.'),
  ec2InstanceType: setting(INSTANCE_TYPE, 't4g.small', 'Type of these instances.'),
} as const;

/** What there is to scrape from the start. */
const SAMPLES = {
  workload: derived(
    flag,
    ({ ownCluster }) => ownCluster,
    '`true` when the app makes the cluster, otherwise `false`',
    'Whether to run the sample web application with the ECS exporter beside it. In an existing cluster it needs `vpcId` and `subnetIds`.',
  ),
  workloadTasks: setting(COUNT, 2, 'Tasks of the sample web application.'),
  nodeExporter: derived(
    flag,
    ({ ownCluster }) => ownCluster,
    '`true` when the app makes the cluster, otherwise `false`',
    'Whether to run a node exporter on each EC2 instance of the cluster; where there is none, it does nothing. In an existing cluster it needs `vpcId` and `subnetIds`.',
  ),
} as const;

/** What tells its operator. */
const OPERATION = {
  logRetentionDays: setting(
    retentionDays,
    RetentionDays.ONE_MONTH,
    'Days that logs are kept: 1, 3, 5, 7, 14, 30, 60, 90, … as CloudWatch Logs offers them.',
  ),
  alarms: setting(flag, true, 'Whether to make the CloudWatch alarms ($0.10 a month each).'),
  alarmEmail: setting<string | undefined>(
    text(/^[^@\s]+@[^@\s]+$/, 'an e-mail address'),
    undefined,
    'Address that gets alarms, and the alerts of the workspace that the app makes, through an SNS topic for each; it has to confirm both subscriptions.',
  ),
  alarmTopicArn: setting<string | undefined>(
    text(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]+$/, 'the ARN of an SNS topic'),
    undefined,
    'An existing SNS topic that gets alarms, and the alerts of the workspace that the app makes; its policy, and that of its key if it has one, have to let `cloudwatch.amazonaws.com` and `aps.amazonaws.com` publish, the latter also `sns:GetTopicAttributes`.',
  ),
  dashboard: setting(flag, true, 'Whether to make the CloudWatch dashboard ($3 a month beyond the first three).'),
} as const;

/** The settings by what they are about, in the order of `docs/settings.md`. */
export const SETTING_GROUPS = {
  Discovery: DISCOVERY,
  'Collectors and metrics': COLLECTION,
  'Network and cluster': PLACE,
  'Sample workload': SAMPLES,
  Operation: OPERATION,
} as const;

export const SETTINGS = { ...DISCOVERY, ...COLLECTION, ...PLACE, ...SAMPLES, ...OPERATION } as const;

export type SettingName = keyof typeof SETTINGS;

/** All settings, each with the value that somebody gave or its default. */
export type Settings = {
  readonly [Name in SettingName]: (typeof SETTINGS)[Name] extends Setting<infer T> ? T : never;
} & Pick<Basis, 'ownCluster'>;
