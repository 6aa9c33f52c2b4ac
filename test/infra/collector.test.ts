/** The collectors: what runs, what it may do, and where its metrics go. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { Match } from 'aws-cdk-lib/assertions';
import { deployedPipeline } from '../../infra/constructs/collector/deployed-pipeline.ts';
import { LOSS_PHRASES } from '../../infra/constructs/collector/loss-phrases.ts';
import { container, containers, EXISTING, environmentOf, NETWORK } from './containers.ts';
import { ARN, allowed, HERE, type Json, listed, only, resource, resources, stack, written } from './resources.ts';
import { type Context, removeSynthesised } from './synth.ts';

afterAll(removeSynthesised);

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
    const topic = resource(stack('', { alarmEmail: 'ops@example.com' }), 'AlarmTopic').Properties['TopicName'];
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
