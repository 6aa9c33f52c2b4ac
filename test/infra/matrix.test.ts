/** Every way to set the app up that changes which resources there are, and what the checkers say of the templates. */
import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Stack, Validations } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { cfnLint } from '../../infra/local/cfn-lint/cfn-lint.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { appOf, type Context, removeSynthesised } from './synth.ts';

const NETWORK = {
  vpcId: 'vpc-0123456789abcdef0',
  subnetIds: 'subnet-0123456789abcdef0,subnet-0123456789abcdef1',
};
const WORKSPACE = 'ws-12345678-abcd-ef01-2345-6789abcdef01';

/** Jobs with all that the settings can say of secrets. */
const JOBS = [
  {
    job_name: 'payments',
    scheme: 'https',
    basic_auth: {
      username: 'prometheus',
      password: {
        secret: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:scraping-AbCdEf',
        field: 'password',
        key: 'arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab',
      },
    },
  },
  {
    job_name: 'batch',
    scrape_interval: '2m',
    authorization: { credentials: { secret: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:token-AbCdEf' } },
  },
];

const MATRIX: Readonly<Record<string, Context>> = {
  nothing: {},
  everything: {
    grafana: true,
    collectors: 4,
    natGateways: 2,
    alarmEmail: 'ops@example.com',
    workspaceRemoval: 'delete',
    targetSecurityGroupIds: 'sg-0123456789abcdef0',
    scrapePorts: '3000,9779,32768-65535',
    scrapeRules: '[{"service":"legacy-*","port":9000}]',
  },
  'sixteen collectors, 64 shards': { collectors: 16, shards: 64 },
  'Fargate alone': { ec2Instances: 0 },
  'EC2 alone': { launchType: 'EC2', collectorMemory: 700 },
  x86: { launchType: 'EC2', ec2InstanceType: 't3.small', architecture: 'X86_64' },
  'a cluster in an existing VPC': NETWORK,
  'no Cloud Map': { namespaces: '' },
  'another name, a workspace elsewhere': {
    deployment: 'team-a',
    workspace: `https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/${WORKSPACE}`,
  },
  'no sample workload': { workload: false, nodeExporter: false },
  'no collector': { collector: false },
  'existing clusters, discovery alone': { clusters: 'prod,staging' },
  'existing clusters, no alarms, standard tier': {
    clusters: 'prod',
    alarms: false,
    dashboard: false,
    shardTier: 'Standard',
    resyncSchedule: 'off',
  },
  'existing clusters and namespaces': { clusters: 'prod', namespaces: 'ecs-services,other' },
  'functions in a VPC': {
    clusters: 'prod',
    namespaces: 'ecs-services',
    functionSubnetIds: NETWORK.subnetIds,
    functionSecurityGroupIds: 'sg-0123456789abcdef0',
  },
  'clusters elsewhere, too': {
    clusters: 'prod,arn:aws:ecs:eu-north-1:444455556666:cluster/prod,arn:aws:ecs:eu-west-1:777788889999:cluster/prod',
    namespaces: 'ecs-services',
    externalId: 'x-1',
  },
  'clusters elsewhere alone': { clusters: 'arn:aws:ecs:eu-north-1:444455556666:cluster/prod', tagLabels: 'team' },
  'a source': {
    clusters: 'prod,staging',
    forwardTo: 'arn:aws:events:eu-west-1:111122223333:event-bus/discovery',
    metaLabels: true,
  },
  'scrape jobs with secrets': { collectors: 2, scrapeJobs: JOBS },
  'a pipeline of the user': {
    scrapeJobs: JOBS,
    collectorPipeline: join(PROJECT_ROOT, 'test/fixtures/pipelines/own.yml'),
    collectorSecrets: {
      PROXY_TOKEN: { secret: 'arn:aws:secretsmanager:us-east-1:123456789012:secret:proxy-AbCdEf' },
    },
  },
  'collectors of the user': { clusters: 'prod', collectors: 2 },
  'existing namespaces parameter': { clusters: 'prod', namespacesParameter: '/shared/namespaces' },
  'an existing cluster with everything': {
    ...NETWORK,
    clusters: 'prod',
    collector: true,
    workload: true,
    nodeExporter: true,
    workspace: WORKSPACE,
    alarmTopicArn: 'arn:aws:sns:us-east-1:123456789012:alarms',
  },
  'an existing cluster whose groups are known': {
    ...NETWORK,
    clusters: 'prod',
    collector: true,
    workload: true,
    launchType: 'EC2',
    targetSecurityGroupIds: 'sg-0123456789abcdef0',
  },
};

/** Synthesises under cdk-nag's AwsSolutions and returns the templates' paths. @throws ValidationFailed with all findings */
function checkedTemplates(settings: Context): string[] {
  const app = appOf(settings);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app.synth().stacks.map(({ templateFullPath }) => templateFullPath);
}

const templates = new Map<string, string>();

afterAll(removeSynthesised);

describe('the app', () => {
  it.each(Object.entries(MATRIX))('is without an unexplained finding of cdk-nag: %s', (_, settings) => {
    const paths = checkedTemplates(settings);
    expect(paths).not.toHaveLength(0);
    for (const path of paths) templates.set(readFileSync(path, 'utf8'), path);
  });

  it('has templates that cfn-lint finds nothing wrong with', async () => {
    expect(templates.size).toBeGreaterThan(Object.keys(MATRIX).length);
    expect(await cfnLint([...templates.values()])).toEqual([]);
  }, 300_000);
});

describe('the checks', () => {
  it('would find a bucket that is not as it should be', () => {
    const app = appOf({ clusters: 'prod' });
    new Bucket(new Stack(app, 'Careless'), 'Bucket');
    Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
    expect(() => app.synth()).toThrow('AwsSolutions');
  });

  it('would find a property that CloudFormation does not know', async () => {
    const path = join(PROJECT_ROOT, '.local', 'test', 'careless.template.json');
    const template = { Resources: { Queue: { Type: 'AWS::SQS::Queue', Properties: { Colour: 'red' } } } };
    await writeFile(path, JSON.stringify(template));
    expect(await cfnLint([path])).toMatchObject([{ rule: 'E3002', path: 'Resources/Queue/Properties/Colour' }]);
    await rm(path);
  }, 60_000);
});
