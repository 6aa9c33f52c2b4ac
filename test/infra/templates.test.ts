/** What is deployed, resource by resource, where somebody would be hurt if it changed unnoticed. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { Match, type Template } from 'aws-cdk-lib/assertions';
import { deployedPipeline } from '../../infra/constructs/collector/collector.ts';
import { LOSS_PHRASES } from '../../infra/constructs/collector/loss-phrases.ts';
import { type Context, removeSynthesised, type Synthesised, synthesise } from './synth.ts';

type Json = Readonly<Record<string, unknown>>;
interface Resource {
  readonly Type: string;
  readonly Properties: Json;
  readonly DependsOn?: readonly string[];
  readonly DeletionPolicy?: string;
  readonly UpdatePolicy?: Json;
}

const known = new Map<string, Synthesised>();
/** Each set of settings is synthesised once. */
function app(settings: Context = {}): Synthesised {
  const key = JSON.stringify(settings);
  const found = known.get(key) ?? synthesise(settings);
  known.set(key, found);
  return found;
}

function stack(name: 'cluster' | 'metrics' | 'workload' | '', settings: Context = {}): Template {
  const full = ['ecs-prometheus-discovery', name].filter(Boolean).join('-');
  const template = app(settings).stacks[full];
  if (template === undefined) throw new Error(`There is no stack ${full}.`);
  return template;
}

const resources = (template: Template, type?: string): [string, Resource][] =>
  Object.entries<Resource>(template.toJSON()['Resources']).filter(
    ([, { Type }]) => type === undefined || Type === type,
  );

const only = (template: Template, type: string): Resource => {
  const [found, ...more] = resources(template, type);
  if (found === undefined || more.length > 0) throw new Error(`There is not exactly one ${type}.`);
  return found[1];
};

/** A CloudFormation value as a person would write it: `<AWS::Region>` for a reference, ids without their hash. */
function written(value: unknown): string {
  if (typeof value === 'string') return value;
  const { 'Fn::Join': join, 'Fn::GetAtt': attribute, Ref: reference } = value as Readonly<Record<string, unknown[]>>;
  if (join) return (join[1] as unknown[]).map(written).join(String(join[0]));
  const parts = attribute ?? [reference];
  return `<${parts.map((part) => String(part).replace(/[0-9A-F]{8}$/, '')).join('.')}>`;
}

const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** All that the roles of a stack allow: `action on resource`, with `if …` where there is a condition. */
const allowed = (template: Template, policy: RegExp): string[] =>
  resources(template, 'AWS::IAM::Policy')
    .filter(([id]) => policy.test(id))
    .flatMap(([, { Properties }]) => (Properties['PolicyDocument'] as { Statement: Json[] }).Statement)
    .flatMap(({ Action, Resource, Condition }) =>
      listed(Action).flatMap((action) =>
        listed(Resource).map(
          (resource) => `${action} on ${written(resource)}${Condition ? ` if ${Object.keys(Condition)}` : ''}`,
        ),
      ),
    )
    .sort();

interface Container {
  readonly Name: string;
  readonly Image: unknown;
  readonly Environment?: readonly { readonly Name: string; readonly Value: unknown }[];
  readonly [key: string]: unknown;
}

const containers = (template: Template): Container[] =>
  resources(template, 'AWS::ECS::TaskDefinition').flatMap(
    ([, { Properties }]) => Properties['ContainerDefinitions'] as Container[],
  );

function container(template: Template, name: string): Container {
  const found = containers(template).find(({ Name }) => Name === name);
  if (found === undefined) throw new Error(`There is no container ${name}.`);
  return found;
}

const environmentOf = ({ Environment = [] }: Container): Record<string, string> =>
  Object.fromEntries(Environment.map(({ Name, Value }) => [Name, written(Value)]));

const ARN = 'arn:<AWS::Partition>';
const HERE = '<AWS::Region>:<AWS::AccountId>';

const NETWORK = { vpcId: 'vpc-0123456789abcdef0', subnetIds: 'subnet-0123456789abcdef0' };
const EXISTING = { ...NETWORK, clusters: 'prod', collector: true, workload: true, nodeExporter: true };

afterAll(removeSynthesised);

describe('the stacks', () => {
  it('are four without settings, in the order in which each finds what it needs', () => {
    const { assembly } = app();
    const after = Object.fromEntries(
      assembly.stacks.map((one) => [
        one.id,
        one.dependencies.map(({ id }) => id).filter((id) => !id.endsWith('assets')),
      ]),
    );
    const name = 'ecs-prometheus-discovery';
    expect(after).toEqual({
      [`${name}-cluster`]: [],
      [name]: [`${name}-cluster`],
      [`${name}-metrics`]: expect.arrayContaining([name, `${name}-cluster`]),
      [`${name}-workload`]: expect.arrayContaining([name, `${name}-cluster`]),
    });
  });

  it('are the discovery alone with existing clusters, which depends on nothing', () => {
    const { assembly } = app({ clusters: 'prod,staging' });
    expect(assembly.stacks.map(({ id }) => id)).toEqual(['ecs-prometheus-discovery']);
    const outputs = Object.keys(stack('', { clusters: 'prod,staging' }).toJSON()['Outputs']);
    expect(outputs.filter((name) => name.startsWith('Exports'))).toEqual([]);
  });

  it('are named after the deployment', () => {
    const names = Object.keys(app({ deployment: 'team-a' }).stacks);
    expect(names).toEqual(expect.arrayContaining(['team-a', 'team-a-cluster', 'team-a-metrics', 'team-a-workload']));
  });

  it('need no account', () => {
    for (const { environment } of app().assembly.stacks) {
      expect(environment).toMatchObject({ account: 'unknown-account', region: 'unknown-region' });
    }
  });

  // CloudFormation refuses to take an export away that another stack imports, and who exports is deployed first.
  it.each<[string, Context, Context]>([
    ['the sample workload is turned off', {}, { workload: false }],
    ['the node exporter is turned off', {}, { nodeExporter: false }],
    ['the instances are taken away', {}, { ec2Instances: 0 }],
    ['the collectors are taken away', {}, { collector: false }],
    ['services move from the instances to Fargate', { launchType: 'EC2' }, {}],
    ['the sample workload is turned off in an existing cluster', EXISTING, { ...EXISTING, workload: false }],
    ['security groups are named later', EXISTING, { ...EXISTING, targetSecurityGroupIds: 'sg-0123456789abcdef0' }],
  ])('go on exporting what others still import when %s', (_, before, after) => {
    const exported = Object.values(app(after).stacks).flatMap((template) =>
      Object.values<Json>(template.toJSON()['Outputs'] ?? {}).map(
        ({ Export }) => (Export as Json | undefined)?.['Name'],
      ),
    );
    const imported = Object.entries(app(before).stacks)
      .filter(([name]) => name in app(after).stacks)
      .flatMap(([, template]) => JSON.stringify(template.toJSON()).match(/(?<="Fn::ImportValue":")[^"]+/g) ?? []);
    expect(imported).not.toHaveLength(0);
    expect(exported).toEqual(expect.arrayContaining(imported));
  });

  it('are as a whole what they were, assets aside', () => {
    const templates = Object.entries(app({ grafana: true }).stacks).map(([name, template]) => [
      name,
      template.toJSON(),
    ]);
    const text = JSON.stringify(Object.fromEntries(templates), null, 1).replaceAll(/[0-9a-f]{64}/g, '<hash>');
    expect(JSON.parse(text)).toMatchSnapshot();
  });
});

describe('network and cluster', () => {
  it('are a VPC with two public and two private subnets and one NAT gateway', () => {
    const template = stack('cluster');
    template.hasResourceProperties('AWS::EC2::VPC', { CidrBlock: '10.10.0.0/16' });
    const ranges = (isPublic: boolean) =>
      resources(template, 'AWS::EC2::Subnet')
        .filter(([, { Properties }]) => Properties['MapPublicIpOnLaunch'] === isPublic)
        .map(([, { Properties }]) => Properties['CidrBlock']);
    expect(ranges(true)).toEqual(['10.10.0.0/18', '10.10.64.0/18']);
    expect(ranges(false)).toEqual(['10.10.128.0/18', '10.10.192.0/18']);
    template.resourceCountIs('AWS::EC2::NatGateway', 1);
    stack('cluster', { natGateways: 2, vpcCidr: '10.20.0.0/20' }).resourceCountIs('AWS::EC2::NatGateway', 2);
  });

  it('let collectors in on the scraped ports and nobody else on any', () => {
    const rules = resources(stack('cluster'), 'AWS::EC2::SecurityGroupIngress').map(([, { Properties }]) => [
      written(Properties['SourceSecurityGroupId']),
      `${Properties['FromPort']}-${Properties['ToPort']}`,
      written(Properties['GroupId']),
    ]);
    const collector = '<CollectorSecurityGroup.GroupId>';
    expect(rules.sort()).toEqual([
      [collector, '3000-3000', '<ScrapedSecurityGroup.GroupId>'],
      [collector, '9100-9100', '<InstancesSecurityGroup.GroupId>'],
      [collector, '9779-9779', '<ScrapedSecurityGroup.GroupId>'],
    ]);
    for (const [, { Properties }] of resources(stack('cluster'), 'AWS::EC2::SecurityGroup')) {
      expect(Properties['SecurityGroupIngress']).toBeUndefined();
    }
  });

  it('let collectors out to AWS and to what they scrape', () => {
    const template = stack('cluster');
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: Match.stringLikeRegexp('^Collectors'),
      SecurityGroupEgress: [Match.objectLike({ CidrIp: '0.0.0.0/0', FromPort: 443, ToPort: 443 })],
    });
    const ports = resources(template, 'AWS::EC2::SecurityGroupEgress').map(
      ([, { Properties }]) => Properties['FromPort'],
    );
    expect(ports.sort()).toEqual([3000, 9100, 9779]);
  });

  it('have two to four instances, encrypted, with IMDSv2, under a name that ECS takes', () => {
    const template = stack('cluster');
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { MinSize: '2', MaxSize: '4' });
    template.hasResourceProperties('AWS::EC2::LaunchTemplate', {
      LaunchTemplateData: Match.objectLike({
        InstanceType: 't4g.small',
        MetadataOptions: { HttpTokens: 'required' },
        BlockDeviceMappings: [Match.objectLike({ Ebs: Match.objectLike({ Encrypted: true }) })],
      }),
    });
    // ECS refuses names that start with aws, ecs or fargate; CloudFormation would make one of the stack's name.
    const { Properties } = only(template, 'AWS::ECS::CapacityProvider');
    expect(Properties['Name']).not.toMatch(/^(aws|ecs|fargate)/i);
    // CloudFormation could not delete the group otherwise.
    expect(Properties['AutoScalingGroupProvider']).toMatchObject({
      ManagedTerminationProtection: 'DISABLED',
      ManagedDraining: 'ENABLED',
    });
  });

  it.each([
    [2, 4, 1],
    [1, 2, 1],
    [1, 1, 0],
  ])('replace %d to %d instances one by one, with %d in service, fewer than there may be', (least, most, serving) => {
    const template = stack('cluster', { ec2Instances: least, ec2MaxInstances: most });
    const { UpdatePolicy } = only(template, 'AWS::AutoScaling::AutoScalingGroup');
    expect(UpdatePolicy).toMatchObject({ AutoScalingRollingUpdate: { MinInstancesInService: serving } });
  });

  it('have no instances when none are wanted', () => {
    const template = stack('cluster', { ec2Instances: 0 });
    template.resourceCountIs('AWS::AutoScaling::AutoScalingGroup', 0);
    template.resourceCountIs('AWS::ECS::CapacityProvider', 0);
    expect(containers(stack('workload', { ec2Instances: 0 })).map(({ Name }) => Name)).not.toContain('node-exporter');
  });

  it('can be in a VPC that exists', () => {
    const template = stack('cluster', NETWORK);
    template.resourceCountIs('AWS::EC2::VPC', 0);
    template.hasResourceProperties('AWS::ServiceDiscovery::PrivateDnsNamespace', { Vpc: NETWORK.vpcId });
    template.hasResourceProperties('AWS::AutoScaling::AutoScalingGroup', { VPCZoneIdentifier: [NETWORK.subnetIds] });
  });
});

describe('the collector', () => {
  it('is the official image, pinned, with target-sync beside it that it waits for', () => {
    const adot = container(stack('metrics'), 'collector');
    expect(adot.Image).toBe('public.ecr.aws/aws-observability/aws-otel-collector:v0.50.0');
    expect(adot['DependsOn']).toEqual([{ Condition: 'HEALTHY', ContainerName: 'target-sync' }]);
    expect(adot['HealthCheck']).toMatchObject({ Command: ['CMD', '/healthcheck'] });
    expect(container(stack('metrics'), 'target-sync')['HealthCheck']).toMatchObject({
      Command: ['CMD-SHELL', expect.stringContaining('http://127.0.0.1:13134/')],
    });
  });

  it('shares a volume with target-sync, which alone writes', () => {
    const mounts = containers(stack('metrics')).map(({ Name, MountPoints }) => [Name, MountPoints]);
    expect(Object.fromEntries(mounts)).toEqual({
      'target-sync': [{ ContainerPath: '/targets', ReadOnly: false, SourceVolume: 'targets' }],
      collector: [{ ContainerPath: '/etc/prometheus-targets', ReadOnly: true, SourceVolume: 'targets' }],
    });
    expect(only(stack('metrics'), 'AWS::ECS::TaskDefinition').Properties['Volumes']).toEqual([{ Name: 'targets' }]);
  });

  it('survives a crash of target-sync', () => {
    expect(container(stack('metrics'), 'target-sync')['RestartPolicy']).toEqual({
      Enabled: true,
      RestartAttemptPeriod: 60,
    });
  });

  it('has all the time that Fargate gives to hand over what it holds, when it is stopped while AMP fails', () => {
    expect(container(stack('metrics'), 'collector')['StopTimeout']).toBe(120);
  });

  it('has its garbage collected before its memory is used up', () => {
    const { GOMEMLIMIT } = environmentOf(container(stack('metrics', { collectorMemory: 2048 }), 'collector'));
    expect(GOMEMLIMIT).toBe(`${Math.floor((2048 - 128) * 0.8)}MiB`);
  });

  it('has an alarm on the lines of its log that say that data was lost', () => {
    const template = stack('metrics', { collectors: 2 });
    const logGroupOf = (name: string) =>
      containers(template)
        .filter((one) => one.Name === name)
        .map((one) => (one['LogConfiguration'] as { Options: Json }).Options['awslogs-group']);
    const filters = resources(template, 'AWS::Logs::MetricFilter').map(([, { Properties }]) => Properties);
    expect(filters.map(({ LogGroupName }) => LogGroupName)).toEqual(logGroupOf('collector'));
    for (const { FilterPattern } of filters) {
      expect(FilterPattern).toBe(LOSS_PHRASES.map((phrase) => `?"${phrase}"`).join(' '));
    }
    const alarms = resources(template, 'AWS::CloudWatch::Alarm').map(([, { Properties }]) => Properties);
    const counted = filters.map(({ MetricTransformations }) => (MetricTransformations as Json[])[0]);
    expect(alarms.map(({ Namespace, MetricName }) => ({ Namespace, MetricName }))).toEqual(
      counted.map((one) => ({ Namespace: one?.['MetricNamespace'], MetricName: one?.['MetricName'] })),
    );
    expect(new Set(alarms.map(({ MetricName }) => MetricName)).size).toBe(2);
  });

  it('tells of that alarm whom the others tell, without an import that would tie the stacks together', () => {
    const actions = (settings: Context) =>
      listed(only(stack('metrics', settings), 'AWS::CloudWatch::Alarm').Properties['AlarmActions']).filter(Boolean);
    expect(actions({})).toEqual([]);
    const topic = only(stack('', { alarmEmail: 'ops@example.com' }), 'AWS::SNS::Topic').Properties['TopicName'];
    expect(actions({ alarmEmail: 'ops@example.com' }).map(written)).toEqual([`${ARN}:sns:${HERE}:${topic}`]);
    const alarmTopicArn = 'arn:aws:sns:us-east-1:123456789012:alarms';
    expect(actions({ alarmTopicArn })).toEqual([alarmTopicArn]);
    stack('metrics', { alarms: false }).resourceCountIs('AWS::CloudWatch::Alarm', 0);
    stack('metrics', { alarms: false }).resourceCountIs('AWS::Logs::MetricFilter', 0);
  });

  it('cannot write to its own file system', () => {
    for (const one of [...containers(stack('metrics')), ...containers(stack('workload'))]) {
      expect([one.Name, one['ReadonlyRootFilesystem']]).toEqual([one.Name, true]);
    }
  });

  it('runs on Fargate with ARM, and goes back when a deployment fails', () => {
    stack('metrics').hasResourceProperties('AWS::ECS::TaskDefinition', {
      RequiresCompatibilities: ['FARGATE'],
      RuntimePlatform: { CpuArchitecture: 'ARM64', OperatingSystemFamily: 'LINUX' },
      Cpu: '512',
      Memory: '1024',
    });
    stack('metrics').hasResourceProperties('AWS::ECS::Service', {
      LaunchType: 'FARGATE',
      DesiredCount: 1,
      DeploymentConfiguration: Match.objectLike({
        DeploymentCircuitBreaker: { Enable: true, Rollback: true },
        MinimumHealthyPercent: 100,
      }),
      NetworkConfiguration: { AwsvpcConfiguration: Match.objectLike({ AssignPublicIp: 'DISABLED' }) },
    });
  });

  it('runs on the instances when that is wanted', () => {
    const template = stack('metrics', { launchType: 'EC2', collectorMemory: 700 });
    template.hasResourceProperties('AWS::ECS::TaskDefinition', { RequiresCompatibilities: ['EC2'], Memory: '700' });
    template.hasResourceProperties('AWS::ECS::Service', {
      CapacityProviderStrategy: [Match.objectLike({ Weight: 1 })],
      LaunchType: Match.absent(),
    });
    expect(container(template, 'collector')['Memory']).toBe(700 - 128);
  });

  it('reads its pipeline from SSM, where it is the text that the tests run', () => {
    const [[id, parameter] = ['', undefined]] = resources(stack('metrics'), 'AWS::SSM::Parameter');
    expect(parameter?.Properties).toMatchObject({
      Name: expect.stringMatching(/^\/ecs-prometheus-discovery\/collector-pipeline\/[0-9a-f]{16}$/),
      Tier: 'Standard',
      Value: deployedPipeline(),
    });
    const secrets = container(stack('metrics'), 'collector')['Secrets'] as { Name: string; ValueFrom: unknown }[];
    expect(secrets.map(({ Name, ValueFrom }) => [Name, written(ValueFrom)])).toEqual([
      ['AOT_CONFIG_CONTENT', `${ARN}:ssm:${HERE}:parameter<${id.replace(/[0-9A-F]{8}$/, '')}>`],
    ]);
  });

  it('finds in its environment all that the pipeline takes from there', () => {
    const asked = [...deployedPipeline().matchAll(/\$\{env:([A-Z_]+)\}/g)].map(([, name]) => name);
    const environment = environmentOf(container(stack('metrics'), 'collector'));
    expect(asked).toEqual(expect.arrayContaining(['REMOTE_WRITE_URL', 'WORKSPACE_REGION', 'COLLECTOR_NAME']));
    expect(Object.keys(environment)).toEqual(expect.arrayContaining(asked));
    expect(environment['REMOTE_WRITE_URL']).toBe(
      'https://aps-workspaces.<AWS::Region>.<AWS::URLSuffix>/workspaces/<Workspace.WorkspaceId>/api/v1/remote_write',
    );
  });

  it('keeps the pipeline that it started with until the new one has proved itself', () => {
    const name = (settings: Context) => only(stack('metrics', settings), 'AWS::SSM::Parameter').Properties['Name'];
    expect(name({ scrapeIntervalSeconds: 30 })).not.toBe(name({}));
  });

  it('starts when its roles may do what it needs', () => {
    const [[policy] = ['']] = resources(stack('metrics'), 'AWS::IAM::Policy').filter(([id]) =>
      /ExecutionRole/.test(id),
    );
    expect(only(stack('metrics'), 'AWS::ECS::Service').DependsOn).toContain(policy);
  });

  it('is replaced when its pipeline changes, and only then', () => {
    const digest = (settings: Context) =>
      environmentOf(container(stack('metrics', settings), 'collector'))['PIPELINE_DIGEST'];
    expect(digest({ scrapeIntervalSeconds: 30 })).not.toBe(digest({}));
    expect(digest({ collectors: 2 })).toBe(digest({}));
  });

  it('may send metrics to its workspace, wait on its queue and read targets, and no more', () => {
    expect(allowed(stack('metrics'), /TaskRole/)).toEqual([
      'aps:RemoteWrite on <Workspace.Arn>',
      `sqs:ChangeMessageVisibility on ${ARN}:sqs:${HERE}:ecs-prometheus-discovery-collector-0`,
      `sqs:DeleteMessage on ${ARN}:sqs:${HERE}:ecs-prometheus-discovery-collector-0`,
      `sqs:ReceiveMessage on ${ARN}:sqs:${HERE}:ecs-prometheus-discovery-collector-0`,
      `ssm:GetParameter on ${ARN}:ssm:${HERE}:parameter/ecs-prometheus-discovery/ecs-prometheus-discovery/targets/*`,
      `ssm:GetParameters on ${ARN}:ssm:${HERE}:parameter/ecs-prometheus-discovery/ecs-prometheus-discovery/targets/*`,
    ]);
  });

  it('splits the work with others: each has its own queue, its own part and its own name', () => {
    const template = stack('metrics', { collectors: 3 });
    const syncs = containers(template)
      .filter(({ Name }) => Name === 'target-sync')
      .map(environmentOf);
    expect(syncs.map(({ TARGET_SYNC_COLLECTOR }) => TARGET_SYNC_COLLECTOR)).toEqual(['0/3', '1/3', '2/3']);
    expect(syncs.map(({ TARGET_SYNC_QUEUE_URL }) => TARGET_SYNC_QUEUE_URL?.split('/').at(-1))).toEqual([
      'ecs-prometheus-discovery-collector-0',
      'ecs-prometheus-discovery-collector-1',
      'ecs-prometheus-discovery-collector-2',
    ]);
    const names = containers(template)
      .filter(({ Name }) => Name === 'collector')
      .map(environmentOf);
    expect(new Set(names.map(({ COLLECTOR_NAME }) => COLLECTOR_NAME)).size).toBe(3);
  });

  it('has a queue in the discovery stack for each, under the name that it listens to', () => {
    const names = resources(stack('', { collectors: 3 }), 'AWS::SQS::Queue').map(
      ([, { Properties }]) => Properties['QueueName'],
    );
    expect(names.filter(Boolean)).toEqual([
      'ecs-prometheus-discovery-collector-0',
      'ecs-prometheus-discovery-collector-1',
      'ecs-prometheus-discovery-collector-2',
    ]);
  });

  it('can be taken away: nothing of the discovery stack is imported, which CloudFormation would not let go', () => {
    const text = JSON.stringify(stack('metrics', { collectors: 3 }).toJSON());
    expect(text).not.toContain('"Fn::ImportValue":"ecs-prometheus-discovery:');
  });

  it('sends to a workspace that exists, in its Region', () => {
    const workspace = 'https://aps-workspaces.eu-west-1.amazonaws.com/workspaces/ws-12345678-abcd';
    const template = stack('metrics', { workspace });
    template.resourceCountIs('AWS::APS::Workspace', 0);
    expect(environmentOf(container(template, 'collector'))).toMatchObject({ WORKSPACE_REGION: 'eu-west-1' });
    expect(allowed(template, /TaskRole/)).toContain(
      `aps:RemoteWrite on ${ARN}:aps:eu-west-1:<AWS::AccountId>:workspace/ws-12345678-abcd`,
    );
  });

  it('runs in an existing cluster, in the network that is named', () => {
    const template = stack('metrics', EXISTING);
    template.hasResourceProperties('AWS::ECS::Service', {
      Cluster: 'prod',
      NetworkConfiguration: { AwsvpcConfiguration: Match.objectLike({ Subnets: [NETWORK.subnetIds] }) },
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', { VpcId: NETWORK.vpcId });
  });

  it('is let in by the security groups that are named, on the ports that are named', () => {
    const settings = { ...EXISTING, targetSecurityGroupIds: 'sg-0123456789abcdef0', scrapePorts: '8080,32768-65535' };
    const template = stack('metrics', settings);
    for (const [FromPort, ToPort] of [
      [8080, 8080],
      [32_768, 65_535],
    ]) {
      template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
        GroupId: 'sg-0123456789abcdef0',
        FromPort,
        ToPort,
      });
    }
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 2);
  });

  it('brings Grafana along that may query, and nothing else, when that is wanted', () => {
    stack('metrics').resourceCountIs('AWS::Grafana::Workspace', 0);
    const template = stack('metrics', { grafana: true });
    template.hasResourceProperties('AWS::Grafana::Workspace', {
      AuthenticationProviders: ['AWS_SSO'],
      PermissionType: 'CUSTOMER_MANAGED',
      GrafanaVersion: '12.4',
    });
    expect(allowed(template, /GrafanaRole/)).toEqual([
      'aps:GetLabels on <Workspace.Arn>',
      'aps:GetMetricMetadata on <Workspace.Arn>',
      'aps:GetSeries on <Workspace.Arn>',
      'aps:QueryMetrics on <Workspace.Arn>',
    ]);
  });

  it('brings the dashboards of the repository into Grafana', () => {
    const template = stack('metrics', { grafana: true });
    const { Dashboards, DataSource } = only(template, 'Custom::GrafanaContents').Properties as unknown as {
      Dashboards: unknown[];
      DataSource: Json;
    };
    expect(Dashboards).toHaveLength(2);
    expect(written(DataSource['url'])).toContain('/workspaces/<Workspace.WorkspaceId>');
    const workspaces = allowed(template, /GrafanaContents/).filter((statement) => statement.startsWith('grafana:'));
    expect(workspaces).not.toHaveLength(0);
    for (const one of workspaces) expect(one).toMatch(/ on arn:.*:grafana:.*:\/workspaces\/<Grafana\.Id>$/);
  });
});

describe('the sample workload', () => {
  it('is registered by ECS, in a service whose tags say how to scrape it, as in the reference system', () => {
    stack('workload').hasResourceProperties('AWS::ServiceDiscovery::Service', {
      Name: 'webapp-svc',
      DnsConfig: { DnsRecords: [Match.objectLike({ Type: 'A' })] },
      Tags: [
        { Key: 'ECS_METRICS_PATH', Value: '/metrics' },
        { Key: 'ECS_METRICS_PORT', Value: '9779' },
        { Key: 'METRICS_PATH', Value: '/metrics' },
        { Key: 'METRICS_PORT', Value: '3000' },
      ],
    });
    stack('workload').hasResourceProperties('AWS::ECS::Service', {
      ServiceName: 'webapp',
      DesiredCount: 2,
      ServiceRegistries: [Match.objectLike({ RegistryArn: Match.anyValue() })],
    });
  });

  it('has the upstream ECS exporter beside the application, which does not depend on it', () => {
    expect(container(stack('workload'), 'ecs-exporter')).toMatchObject({
      Image: 'quay.io/prometheuscommunity/ecs-exporter:v0.4.0',
      Essential: false,
      PortMappings: [{ ContainerPort: 9779, Protocol: 'tcp' }],
    });
    expect(container(stack('workload'), 'webapp')).toMatchObject({
      Essential: true,
      PortMappings: [{ ContainerPort: 3000, Protocol: 'tcp' }],
    });
  });

  it('has a node exporter on every instance that the discovery registers, and that goes before its registry', () => {
    const template = stack('workload');
    template.hasResourceProperties('AWS::ServiceDiscovery::Service', {
      Name: 'node-exporter-svc',
      Type: 'HTTP',
      Tags: Match.arrayWith([
        { Key: 'ecs-prometheus-discovery:owner', Value: 'ecs-prometheus-discovery' },
        { Key: 'METRICS_PATH', Value: '/metrics' },
        { Key: 'METRICS_PORT', Value: '9100' },
      ]),
    });
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      NetworkMode: 'host',
      ContainerDefinitions: [Match.objectLike({ Image: 'quay.io/prometheus/node-exporter:v1.12.1' })],
    });
    const [cleanup] = resources(template, 'Custom::CloudMapRegistrations');
    const daemon = resources(template, 'AWS::ECS::Service').find(
      ([, { Properties }]) => Properties['SchedulingStrategy'] === 'DAEMON',
    );
    expect(daemon?.[1].Properties['ServiceName']).toBe('node-exporter-svc');
    expect(daemon?.[1].DependsOn).toContain(cleanup?.[0]);
  });

  it.each([
    ['where there is no namespace', { namespaces: '' }],
    ['in an existing cluster', EXISTING],
  ])('says by docker labels how to scrape it %s', (_, settings) => {
    const template = stack('workload', settings);
    template.resourceCountIs('AWS::ServiceDiscovery::Service', 0);
    const labels = containers(template).map(({ Name, DockerLabels }) => [Name, DockerLabels]);
    expect(Object.fromEntries(labels)).toEqual({
      webapp: { ECS_PROMETHEUS_EXPORTER_PORT: '3000' },
      'ecs-exporter': { ECS_PROMETHEUS_EXPORTER_PORT: '9779' },
      'node-exporter': { ECS_PROMETHEUS_EXPORTER_PORT: '9100' },
    });
  });

  it('lets the collectors in, and nobody else, in an existing network', () => {
    stack('workload', EXISTING).hasResourceProperties('AWS::EC2::SecurityGroup', {
      GroupDescription: 'Sample workload',
    });
    const rules = resources(stack('workload', EXISTING), 'AWS::EC2::SecurityGroupIngress');
    expect(rules.map(([, { Properties }]) => Properties['FromPort']).sort()).toEqual([3000, 9779]);
    for (const [, { Properties }] of rules)
      expect(JSON.stringify(Properties['SourceSecurityGroupId'])).toContain('CollectorSecurityGroup');
  });
});

describe('the discovery', () => {
  const NAMED = { clusters: 'prod', namespaces: 'ecs-services' };

  it('asks for everything of the account only where IAM knows nothing narrower', () => {
    const wide = allowed(stack('', NAMED), /./).filter((statement) => / on \*/.test(statement));
    expect([...new Set(wide)]).toEqual([
      'ec2:DescribeInstances on *',
      'ecs:DescribeTaskDefinition on *',
      'ecs:ListTasks on * if ArnEquals',
      'servicediscovery:ListNamespaces on *',
      'servicediscovery:ListServices on *',
      'servicediscovery:ListTagsForResource on *',
    ]);
  });

  it('writes to Cloud Map under the condition that it owns the service', () => {
    const writes = allowed(stack('', NAMED), /./).filter((statement) => /RegisterInstance|Deregister/.test(statement));
    expect(writes).not.toHaveLength(0);
    for (const write of writes) expect(write).toMatch(/ if StringEquals$/);
  });

  it('does not touch Cloud Map when no namespace is named', () => {
    const template = stack('', { clusters: 'prod' });
    expect(allowed(template, /./).filter((statement) => statement.startsWith('servicediscovery'))).toEqual([]);
    template.resourceCountIs('Custom::CloudMapRegistrations', 0);
  });

  it('listens to the tasks of its clusters', () => {
    stack('', { clusters: 'prod,staging' }).hasResourceProperties('AWS::Events::Rule', {
      EventPattern: {
        source: ['aws.ecs'],
        'detail-type': ['ECS Task State Change'],
        detail: Match.objectLike({ $or: [{ lastStatus: ['RUNNING'] }, { desiredStatus: ['STOPPED'] }] }),
      },
    });
    const rules = resources(stack('', { clusters: 'prod,staging' }), 'AWS::Events::Rule');
    const watched = rules
      .map(
        ([, { Properties }]) =>
          (Properties['EventPattern'] as { detail: { clusterArn?: unknown[] } }).detail.clusterArn,
      )
      .find(Boolean);
    expect(watched?.map(written)).toEqual([`${ARN}:ecs:${HERE}:cluster/prod`, `${ARN}:ecs:${HERE}:cluster/staging`]);
  });

  it('keeps the shards as they are from one deployment to the next', () => {
    const shards = (settings: Context) =>
      resources(stack('', settings), 'AWS::SSM::Parameter').filter(([, { Properties }]) =>
        String(Properties['Name']).includes('/targets/'),
      );
    const before = shards({ clusters: 'prod' });
    const after = shards({ clusters: 'prod,staging', shards: 8, resyncSchedule: 'off', collectors: 2 });
    expect(before).toHaveLength(4);
    expect(after).toHaveLength(16);
    expect(after).toEqual(expect.arrayContaining(before));
  });

  it('stops registering before it takes its registrations out of Cloud Map', () => {
    const template = stack('', NAMED);
    const [[cleanup] = ['']] = resources(template, 'Custom::CloudMapRegistrations');
    for (const type of ['AWS::Lambda::EventSourceMapping', 'AWS::Scheduler::Schedule']) {
      expect(only(template, type).DependsOn).toContain(cleanup);
    }
    expect(
      resources(template, 'AWS::Lambda::Function').filter(([, { DependsOn = [] }]) => DependsOn.includes(cleanup)),
    ).toHaveLength(2);
  });

  it('makes its first comparison when all that it looks at is there', () => {
    const template = stack('', NAMED);
    const needed = resources(template, 'AWS::SSM::Parameter').map(([id]) => id);
    expect(only(template, 'AWS::Scheduler::Schedule').DependsOn).toEqual(expect.arrayContaining(needed));
  });

  it('makes its first comparison when its schedule may start it', () => {
    const template = stack('');
    const policy = resources(template, 'AWS::IAM::Policy').find(([id]) => /ScheduleRole/.test(id))?.[0];
    expect(policy).toBeDefined();
    expect(only(template, 'AWS::Scheduler::Schedule').DependsOn).toContain(policy);
  });
});

describe('everything', () => {
  const ALL = { grafana: true, collectors: 2, alarmEmail: 'ops@example.com' };
  const every = () => Object.values(app(ALL).stacks).flatMap((template) => resources(template));

  it('goes when it is destroyed, except the metrics', () => {
    const kept = every().filter(
      ([, { DeletionPolicy }]) => DeletionPolicy !== undefined && DeletionPolicy !== 'Delete',
    );
    expect(kept.map(([, { Type }]) => Type)).toEqual(['AWS::APS::Workspace']);
  });

  it('keeps the metrics, unless that is not wanted or the deployment that makes their workspace fails', () => {
    const policy = (settings: Context) => only(stack('metrics', settings), 'AWS::APS::Workspace').DeletionPolicy;
    expect(policy({})).toBe('RetainExceptOnCreate');
    expect(policy({ workspaceRemoval: 'delete' })).toBe('Delete');
  });

  it('tells of alarms: CloudWatch may publish to the topic, whose own policy replaces the one that would let it', () => {
    const { Properties } = only(stack('', ALL), 'AWS::SNS::TopicPolicy');
    expect((Properties['PolicyDocument'] as { Statement: Json[] }).Statement).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: { Ref: expect.stringMatching(/^AlarmTopic/) },
        Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } },
      }),
    );
  });

  it('logs to groups that forget, and that go with the stack', () => {
    const groups = every().filter(([, { Type }]) => Type === 'AWS::Logs::LogGroup');
    for (const [id, group] of groups) {
      expect([id, group.Properties['RetentionInDays'], group.DeletionPolicy]).toEqual([id, 30, 'Delete']);
    }
    // Lambda and ECS would otherwise make groups that nobody deletes.
    const functions = every().filter(([, { Type }]) => Type === 'AWS::Lambda::Function');
    for (const [, { Properties }] of functions)
      expect(Properties['LoggingConfig']).toMatchObject({ LogGroup: { Ref: expect.any(String) } });
    const made = every()
      .filter(([, { Type }]) => Type.startsWith('Custom::'))
      .map(([, { Type }]) => Type);
    expect(new Set(made)).toEqual(new Set(['Custom::CloudMapRegistrations', 'Custom::GrafanaContents']));
  });

  it('has queues that are encrypted and refuse plain HTTP', () => {
    const queues = every().filter(([, { Type }]) => Type === 'AWS::SQS::Queue');
    expect(queues).not.toHaveLength(0);
    for (const [id, { Properties }] of queues) expect([id, Properties['SqsManagedSseEnabled']]).toEqual([id, true]);
    expect(every().filter(([, { Type }]) => Type === 'AWS::SQS::QueuePolicy')).toHaveLength(queues.length);
  });

  it('has no role with a managed policy: those of AWS are wider than needed', () => {
    const managed = every().filter(
      ([, { Type, Properties }]) => Type === 'AWS::IAM::Role' && Properties['ManagedPolicyArns'],
    );
    expect(managed.map(([id]) => id)).toEqual([]);
  });
});
