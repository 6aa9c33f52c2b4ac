/** The values between which every setting is changed, in both directions, and the settings that go around them. */
import type { SettingName } from '../../../infra/settings/settings.ts';
import type { Context } from '../synth.ts';

/** The two ways to deploy: everything, or beside what exists. */
export const SURROUNDINGS = {
  own: {},
  existing: {
    clusters: 'prod',
    namespaces: 'ecs-services',
    vpcId: 'vpc-0123456789abcdef0',
    subnetIds: 'subnet-0123456789abcdef0',
    collector: true,
    workload: true,
    nodeExporter: true,
  },
} as const satisfies Readonly<Record<string, Context>>;

export type Surrounding = keyof typeof SURROUNDINGS;

/** A value of a setting; with what else has to be set for it. Undefined: the default. */
export interface Value {
  readonly value: unknown;
  readonly together?: Context;
}

type Plain = string | number | boolean | undefined;
const values = (...all: readonly (Plain | Value)[]): readonly Value[] =>
  all.map((one) => (typeof one === 'object' ? one : { value: one }));

const FLAG = values(true, false);
const SUBNETS = 'subnet-0123456789abcdef0';
const [GROUP, TOPIC] = ['sg-0123456789abcdef0', 'arn:aws:sns:us-east-1:123456789012:alarms'];
const WORKSPACE = 'ws-12345678-abcd-ef01-2345-6789abcdef01';
const WITH_ONE_ELSEWHERE = { clusters: 'prod,arn:aws:ecs:eu-north-1:444455556666:cluster/prod' };
const BUS = 'arn:aws:events:eu-west-1:111122223333:event-bus/ecs-prometheus-discovery';
/** A source is deployed by itself. */
const NOTHING_ELSE = Object.fromEntries(
  Object.keys(SURROUNDINGS.existing).flatMap((name) => (name === 'clusters' ? [] : [[name, undefined]])),
);
const X86 = { ec2InstanceType: 't3.small', architecture: 'X86_64' };
const inFunctionVpc = (functionSubnetIds: string, functionSecurityGroupIds = GROUP): Context => ({
  functionSubnetIds,
  functionSecurityGroupIds,
});

/** It takes one secret. */
const PIPELINE = 'test/fixtures/pipelines/own.yml';
const token = (name: string): string =>
  JSON.stringify({ PROXY_TOKEN: { secret: `arn:aws:secretsmanager:us-east-1:123456789012:secret:${name}-AbCdEf` } });

/** Where the two surroundings need other values, each has its own. */
type Cases = readonly Value[] | Readonly<Partial<Record<Surrounding, readonly Value[]>>>;

const CASES: Readonly<Record<SettingName, Cases>> = {
  deployment: values(undefined, 'team-a'),
  clusters: {
    own: values(undefined, 'prod'),
    existing: values('prod', 'prod,staging', 'staging,prod', 'staging'),
  },
  externalId: {
    existing: values(
      { value: undefined, together: WITH_ONE_ELSEWHERE },
      { value: 'x-1', together: WITH_ONE_ELSEWHERE },
    ),
  },
  forwardTo: { existing: values({ value: undefined, together: NOTHING_ELSE }, { value: BUS, together: NOTHING_ELSE }) },
  shards: values(4, 8, 1),
  shardTier: values('Advanced', 'Standard'),
  namespaces: {
    own: values(undefined, 'other', ''),
    existing: values('ecs-services', 'ecs-services,other', ''),
  },
  namespacesParameter: values(undefined, '/shared/namespaces'),
  scrapeRules: values(undefined, '[{"service":"shop-*","port":9000}]'),
  dockerLabels: values(undefined, 'env'),
  extraLabels: values(undefined, 'revision'),
  tagLabels: values(undefined, 'team'),
  metaLabels: FLAG,
  healthyOnly: FLAG,
  resyncSchedule: values(undefined, 'rate(1 day)', 'off'),
  resyncRemovalLimitPercent: values(50, 100),
  collector: FLAG,
  collectors: values(1, 2, 8),
  collectorCpu: values(512, 1024).map((one) => ({ ...one, together: { collectorMemory: 2048 } })),
  collectorMemory: values(1024, 2048),
  scrapeIntervalSeconds: values(15, 60),
  scrapeJob: values(undefined, 'ecs_services'),
  scrapeJobs: values(undefined, '[{"job_name":"payments","scrape_interval":"30s"}]'),
  collectorPipeline: values(undefined, { value: PIPELINE, together: { collectorSecrets: token('one') } }),
  collectorSecrets: values(token('one'), token('two')).map((one) => ({
    ...one,
    together: { collectorPipeline: PIPELINE },
  })),
  scrapePorts: values(undefined, '3000,32768-65535'),
  targetSecurityGroupIds: values(undefined, GROUP, 'sg-0123456789abcdef1'),
  workspace: values(undefined, WORKSPACE),
  workspaceRemoval: values('retain', 'delete'),
  grafana: FLAG,
  vpcId: {
    own: values(undefined, { value: 'vpc-0123456789abcdef0', together: { subnetIds: SUBNETS } }),
    existing: values('vpc-0123456789abcdef0', 'vpc-0123456789abcdef1'),
  },
  subnetIds: {
    own: values(SUBNETS, 'subnet-0123456789abcdef1').map((one) => ({
      ...one,
      together: { vpcId: 'vpc-0123456789abcdef0' },
    })),
    existing: values(SUBNETS, `${SUBNETS},subnet-0123456789abcdef1`),
  },
  functionSubnetIds: values(
    undefined,
    { value: SUBNETS, together: inFunctionVpc(SUBNETS) },
    { value: 'subnet-0123456789abcdef1', together: inFunctionVpc('subnet-0123456789abcdef1') },
  ),
  functionSecurityGroupIds: values(undefined, { value: GROUP, together: inFunctionVpc(SUBNETS) }),
  vpcCidr: { own: values(undefined, '10.20.0.0/16') },
  natGateways: { own: values(1, 2) },
  launchType: values('FARGATE', 'EC2'),
  architecture: {
    own: values('ARM64', { value: 'X86_64', together: X86 }),
    existing: values('ARM64', 'X86_64'),
  },
  ec2Instances: { own: values(2, 0, 3) },
  ec2MaxInstances: { own: values(4, 8) },
  ec2InstanceType: { own: values(undefined, 't4g.medium', { value: 't3.small', together: X86 }) },
  workload: values(true, false, { value: false, together: { nodeExporter: false } }),
  workloadTasks: values(2, 0),
  nodeExporter: FLAG,
  logRetentionDays: values(30, 90),
  alarms: FLAG,
  alarmEmail: values(undefined, 'ops@example.com'),
  alarmTopicArn: values(undefined, TOPIC),
  dashboard: FLAG,
};

/** The values of a setting in a surrounding; none: it has no meaning there. */
export function valuesOf(setting: SettingName, surrounding: Surrounding): readonly Value[] {
  const cases = CASES[setting];
  return 'length' in cases ? cases : (cases[surrounding] ?? []);
}
