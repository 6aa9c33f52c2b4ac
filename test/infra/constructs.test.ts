/** The constructs in somebody else's CDK app: without this project's stacks, settings and feature flags. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import {
  CollectorSecurityGroup,
  Collectors,
  EcsPrometheusDiscovery,
  OwnedRegistry,
  PipelineParameter,
  Workspace,
} from '../../infra/index.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';

let folder: string;
let stack: Stack;

beforeAll(() => {
  mkdirSync(join(PROJECT_ROOT, '.local', 'test'), { recursive: true });
  folder = mkdtempSync(join(PROJECT_ROOT, '.local', 'test', 'constructs-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

beforeEach(() => {
  const app = new App({ outdir: mkdtempSync(join(folder, 'app-')) });
  stack = new Stack(app, 'Theirs', { env: { account: '123456789012', region: 'eu-central-1' } });
});

describe('all of it in one stack of theirs', () => {
  it('watches a cluster of theirs and scrapes what it finds', () => {
    const vpc = new Vpc(stack, 'Vpc', { availabilityZones: ['eu-central-1a', 'eu-central-1b'] }) as IVpc;
    // Their own compiler need not be as strict about optional properties as this one.
    const cluster = new Cluster(stack, 'Cluster', { vpc }) as ICluster;
    const namespace = new PrivateDnsNamespace(stack, 'Namespace', { name: 'theirs.internal', vpc });
    const discovery = new EcsPrometheusDiscovery(stack, 'Discovery', {
      clusters: [cluster],
      deployment: 'theirs',
      namespaces: ['theirs.internal'],
      collectors: 2,
    });
    new OwnedRegistry(stack, 'Registry', {
      namespace,
      serviceName: 'orders',
      scrape: { metricsPath: '/metrics', metricsPort: 8080 },
      discovery,
    });
    const securityGroup = new CollectorSecurityGroup(stack, 'CollectorSecurityGroup', { vpc });
    const collectors = new Collectors(stack, 'Collectors', {
      discovery,
      workspace: new Workspace(stack, 'Workspace', { alias: 'theirs' }),
      placement: { cluster, subnets: { subnets: vpc.privateSubnets }, launchType: 'FARGATE', architecture: 'X86_64' },
      securityGroup,
      targetSyncImage: ContainerImage.fromRegistry('registry.example.com/target-sync:1'),
    });
    expect(collectors.all).toHaveLength(2);

    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ECS::Service', 2);
    template.hasResourceProperties('AWS::ECS::TaskDefinition', {
      RuntimePlatform: Match.objectLike({ CpuArchitecture: 'X86_64' }),
      ContainerDefinitions: Match.arrayWith([
        Match.objectLike({ Name: 'target-sync', Image: 'registry.example.com/target-sync:1' }),
      ]),
    });
    template.hasResourceProperties('Custom::CloudMapRegistrations', { ServiceId: Match.anyValue() });
    // The name of the cluster, which only CloudFormation knows, is part of those of the shards.
    template.hasResourceProperties('AWS::SSM::Parameter', {
      Name: { 'Fn::Join': ['', ['/theirs/', { Ref: Match.stringLikeRegexp('^Cluster') }, '/targets/0']] },
    });
  });

  it('says why a registry cannot be emptied by a discovery that does not use Cloud Map', () => {
    const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') as IVpc });
    const namespace = new PrivateDnsNamespace(stack, 'Namespace', { name: 'x', vpc: cluster.vpc });
    const discovery = new EcsPrometheusDiscovery(stack, 'Discovery', { clusters: [cluster] });
    const props = { namespace, serviceName: 'orders', scrape: {}, discovery };
    expect(() => new OwnedRegistry(stack, 'Registry', props)).toThrow('give it the namespaces of the service');
  });

  it('has no queue, and no alarm, for collectors that nobody counts', () => {
    const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') as IVpc }) as ICluster;
    const discovery = new EcsPrometheusDiscovery(stack, 'Discovery', { clusters: [cluster] });
    expect(discovery.targetsChanged.queues).toEqual([]);
    const { vpc } = cluster;
    const collectors = () =>
      new Collectors(stack, 'Collectors', {
        discovery,
        workspace: new Workspace(stack, 'Workspace', { alias: 'theirs' }),
        placement: { cluster, subnets: { subnets: vpc.privateSubnets }, launchType: 'FARGATE', architecture: 'ARM64' },
        securityGroup: new CollectorSecurityGroup(stack, 'CollectorSecurityGroup', { vpc }),
      });
    expect(collectors).toThrow('has no queue for a collector: set collectors of its EcsPrometheusDiscovery');
  });

  it('needs a cluster to watch', () => {
    expect(() => new EcsPrometheusDiscovery(stack, 'Discovery', { clusters: [] })).toThrow('at least one cluster');
  });
});

describe('a pipeline of their own', () => {
  const parameter = (pipeline: string) =>
    new PipelineParameter(stack, 'Pipeline', { path: '/theirs/pipeline', pipeline });

  it.each([
    [4096, 'Standard'],
    [4097, 'Advanced'],
    [8192, 'Advanced'],
  ])('of %d bytes is kept in the tier %s', (bytes, Tier) => {
    parameter('x'.repeat(bytes));
    Template.fromStack(stack).hasResourceProperties('AWS::SSM::Parameter', { Tier });
  });

  it('may not be larger than SSM holds, counted in bytes', () => {
    expect(() => parameter('ä'.repeat(4097))).toThrow('takes 8194 bytes');
  });

  it('may not hold what SSM refuses', () => {
    expect(() => parameter('a: {{b}}')).toThrow('SSM does not store');
  });

  it('may not hold what only the deployment knows', () => {
    expect(() => parameter(`region: ${new Stack(new App(), 'Other').region}`)).toThrow('in the environment');
  });

  it('has a digest that follows its text', () => {
    const digests = ['a', 'b', 'a'].map(
      (pipeline, index) => new PipelineParameter(stack, `P${index}`, { path: `/p/${index}`, pipeline }).digest,
    );
    expect(digests[0]).toBe(digests[2]);
    expect(digests[0]).not.toBe(digests[1]);
  });
});
