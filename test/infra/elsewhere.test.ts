/** Clusters of other accounts and Regions: what the deployment has for them, and the stack there. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { App, Stack, Token } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  ClusterByArn,
  ClusterByName,
  EcsClusterSource,
  EcsPrometheusDiscovery,
  type WatchedCluster,
} from '../../infra/index.ts';
import { ARN, allowed, app, HERE, only, resource, resources, stack, written } from './resources.ts';
import { removeSynthesised } from './synth.ts';

const NORTH = 'arn:aws:ecs:eu-north-1:444455556666:cluster/prod';
const KEY = 'prod.eu-north-1.444455556666';
const BUS = 'arn:aws:events:eu-west-1:111122223333:event-bus/discovery';
const BOTH = { clusters: `prod,${NORTH},arn:aws:ecs:eu-north-1:444455556666:cluster/batch` };

afterAll(removeSynthesised);

const environmentOf = (id: string, settings = BOTH): Readonly<Record<string, unknown>> =>
  (resource(stack('', settings), id).Properties as { Environment: { Variables: Record<string, unknown> } }).Environment
    .Variables;

describe('a deployment with clusters elsewhere', () => {
  it('calls each by name, Region and account, in parameters, functions, metrics and alarms', () => {
    const template = stack('', BOTH);
    const names = resources(template, 'AWS::SSM::Parameter').map(([, { Properties }]) => Properties['Name']);
    expect(names).toEqual(
      expect.arrayContaining(['prod', KEY].map((key) => `/ecs-prometheus-discovery/${key}/targets/0`)),
    );
    expect(environmentOf('DiscoveryObserveFunction')).toMatchObject({
      DISCOVERY_CLUSTERS: `prod,${KEY},batch.eu-north-1.444455556666`,
      DISCOVERY_EXTERNAL_ID: 'ecs-prometheus-discovery',
    });
    expect(written(environmentOf('DiscoveryObserveFunction')['DISCOVERY_HERE'])).toBe(`${ARN}:ecs:${HERE}`);
    const dimensions = resources(template, 'AWS::CloudWatch::Alarm').flatMap(
      ([, { Properties }]) => (Properties['Dimensions'] ?? []) as { Name: string; Value: unknown }[],
    );
    const clusters = new Set(dimensions.filter(({ Name }) => Name === 'cluster').map(({ Value }) => Value));
    expect([...clusters].sort()).toEqual(['batch.eu-north-1.444455556666', 'prod', KEY]);
  });

  it('has a bus named like the deployment, its ARN among the outputs, and one policy for each account', () => {
    const template = stack('', {
      clusters: `${BOTH.clusters},arn:aws:ecs:eu-west-1:777788889999:cluster/prod,arn:aws:ecs:eu-west-2:777788889999:cluster/x`,
    });
    expect(only(template, 'AWS::Events::EventBus').Properties['Name']).toBe('ecs-prometheus-discovery');
    const policies = resources(template, 'AWS::Events::EventBusPolicy').map(([, { Properties }]) => Properties);
    expect(policies.map(({ StatementId }) => StatementId)).toEqual([
      'cdk-Forward444455556666',
      'cdk-Forward777788889999',
    ]);
    const { SourcesBus } = template.toJSON()['Outputs'] as Record<string, { Value: unknown }>;
    expect(written(SourcesBus?.Value)).toBe('<DiscoverySourcesBus.Arn>');
  });

  it('lets observe, store and resync assume one role for each account and Region, and no other function', () => {
    const assumes = (name: string) =>
      allowed(
        stack('', { ...BOTH, ...{ namespaces: 'ecs-services' } }),
        new RegExp(`^Discovery${name}Function`),
      ).filter((it) => it.startsWith('sts:'));
    const role = `${ARN}:iam::444455556666:role/ecs-prometheus-discovery-source-eu-north-1`;
    for (const name of ['Observe', 'Store', 'Resync']) expect(assumes(name)).toEqual([`sts:AssumeRole on ${role}`]);
    for (const name of ['Register', 'RegistrationCleanup']) expect(assumes(name)).toEqual([]);
  });

  it('has no rule on the default bus, and reads no ECS here, where all of them are elsewhere', () => {
    const template = stack('', { clusters: NORTH });
    const rules = resources(template, 'AWS::Events::Rule').map(([, { Properties }]) => Properties['EventBusName']);
    expect(rules.map(written)).toEqual(['<DiscoverySourcesBus>', '<DiscoverySourcesBus>']);
    expect(allowed(template, /./).filter((it) => /^(ecs|ec2):/.test(it))).toEqual([]);
  });

  it('is as it was, but for where it is, where none is elsewhere', () => {
    const template = stack('', { clusters: 'prod' });
    for (const type of ['AWS::Events::EventBus', 'AWS::Events::EventBusPolicy']) {
      expect(resources(template, type)).toEqual([]);
    }
    expect(environmentOf('DiscoveryObserveFunction', { clusters: 'prod' })).not.toHaveProperty('DISCOVERY_EXTERNAL_ID');
    const roles = resources(template, 'AWS::IAM::Role').filter(
      ([, { Properties }]) => Properties['Tags'] !== undefined,
    );
    expect(roles).toEqual([]);
  });
});

describe('the stack of a source', () => {
  const settings = { clusters: 'prod', forwardTo: BUS, externalId: 'x-1' };
  const source = () => {
    const { stacks } = app(settings);
    expect(Object.keys(stacks)).toEqual(['discovery-source']);
    return stacks['discovery-source'] as Template;
  };

  it('has a rule, a role for it, a role to look with, and where events end that it could not forward', () => {
    const count = Object.groupBy(resources(source()), ([, { Type }]) => Type);
    expect(Object.fromEntries(Object.entries(count).map(([type, some]) => [type, some?.length]))).toEqual({
      'AWS::Events::Rule': 1,
      'AWS::IAM::Role': 2,
      'AWS::IAM::Policy': 2,
      'AWS::SQS::Queue': 1,
      'AWS::SQS::QueuePolicy': 1,
    });
  });

  it('names its role after the deployment that forwardTo names, and the Region', () => {
    const { RoleName } = resource(source(), 'SourceRole').Properties;
    expect(written(RoleName)).toBe('discovery-source-<AWS::Region>');
  });

  it('may write nothing but events on that bus', () => {
    const actions = allowed(source(), /./).map((it) => it.split(' ')[0] ?? '');
    expect(actions.filter((action) => !/^(ecs|ec2):(Describe|List)/.test(action))).toEqual(['events:PutEvents']);
  });
});

describe('in an app of theirs', () => {
  const stackOf = (env?: { readonly account: string; readonly region: string }): Stack =>
    new Stack(new App(), 'Theirs', env && { env });
  const here = { account: '111122223333', region: 'eu-west-1' };
  const discovery = (scope: Stack, cluster: WatchedCluster, deployment = 'discovery') =>
    new EcsPrometheusDiscovery(scope, 'Discovery', { clusters: [cluster], deployment });

  it('a cluster of another account or Region has to say so, with what to deploy there', () => {
    const scope = stackOf(here);
    const imported = Cluster.fromClusterArn(scope, 'Cluster', NORTH);
    expect(() => discovery(scope, imported)).toThrow(
      `clusters names ${NORTH}, which is in another account or Region than this stack: give it as a ClusterByArn, and deploy an EcsClusterSource there`,
    );
  });

  it('a cluster of the own account and Region may be imported by its ARN, and one of who knows where', () => {
    const own = 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod';
    const scope = stackOf(here);
    expect(discovery(scope, Cluster.fromClusterArn(scope, 'Cluster', own)).sources).toBeUndefined();
    const anywhere = stackOf();
    expect(discovery(anywhere, Cluster.fromClusterArn(anywhere, 'Cluster', own)).sources).toBeUndefined();
  });

  it.each([
    ['one of this account and Region', 'arn:aws:ecs:eu-west-1:111122223333:cluster/prod', /give it by its name/],
    ['no ARN of a cluster', 'prod', /clusterArn must be a cluster name or the ARN/],
    [
      'one of another partition, whose accounts no role reaches',
      NORTH.replace('arn:aws:', 'arn:aws-cn:').replace('eu-north-1', 'cn-north-1'),
      /in partition aws-cn, which nothing in aws reaches: make another deployment there/,
    ],
    ['one that is known at deployment time alone', Token.asString({ Ref: 'X' }), /has to be known before/],
  ])('ClusterByArn does not take %s', (_, arn, problem) => {
    expect(() => new ClusterByArn(stackOf(here), 'Cluster', arn)).toThrow(problem);
  });

  it('the name of the deployment has to leave room for the name of the role', () => {
    const scope = stackOf(here);
    const cluster = new ClusterByArn(scope, 'Cluster', NORTH);
    expect(() => discovery(scope, cluster, 'd'.repeat(47))).toThrow(/would have more than the 64 characters of IAM/);
    const other = stackOf(here);
    expect(discovery(other, new ClusterByArn(other, 'Cluster', NORTH), 'd'.repeat(46)).sources).toBeDefined();
  });

  it('EcsClusterSource trusts the account of the bus, with the name of the deployment as external id', () => {
    const scope = stackOf({ account: '444455556666', region: 'eu-north-1' });
    const cluster = new ClusterByName(scope, 'Cluster', 'prod');
    const { role, undelivered } = new EcsClusterSource(scope, 'Source', { clusters: [cluster], forwardTo: BUS });
    expect(role.roleName).toBeDefined();
    expect(undelivered).toBeInstanceOf(Queue);
    const trusts = resources(Template.fromStack(scope), 'AWS::IAM::Role').map(
      ([, { Properties }]) => Properties['AssumeRolePolicyDocument'] as { Statement: { Condition?: unknown }[] },
    );
    expect(trusts.map(({ Statement }) => Statement[0]?.Condition)).toEqual([
      {
        StringEquals: {
          'sts:ExternalId': 'discovery',
          'aws:PrincipalTag/ecs-prometheus-discovery:watcher': 'discovery',
        },
      },
      undefined,
    ]);
  });

  it.each<[string, (scope: Stack) => Partial<ConstructorParameters<typeof EcsClusterSource>[2]>, RegExp]>([
    ['no cluster', () => ({ clusters: [] }), /clusters is empty/],
    [
      'a cluster elsewhere',
      (scope) => ({ clusters: [new ClusterByArn(scope, 'C', NORTH)] }),
      /is not of the account and Region of this stack/,
    ],
    [
      'a queue to forward to',
      () => ({ forwardTo: 'arn:aws:sqs:eu-west-1:111122223333:q' }),
      /forwardTo must be the ARN of an event bus/,
    ],
    ['what is no ARN', () => ({ forwardTo: 'discovery' }), /forwardTo must be the ARN of an event bus/],
    [
      'a bus of another partition',
      () => ({ forwardTo: BUS.replace('arn:aws:', 'arn:aws-cn:') }),
      /forwardTo is .*, in partition aws-cn, which nothing in aws reaches/,
    ],
    ['a bus that is not known', () => ({ forwardTo: Token.asString({ Ref: 'X' }) }), /forwardTo has to be known/],
    [
      'a bus of its own account and Region',
      () => ({ forwardTo: 'arn:aws:events:eu-south-1:444455556666:event-bus/discovery' }),
      /watches clusters here by name/,
    ],
  ])('EcsClusterSource does not take %s', (_, props, problem) => {
    const scope = stackOf({ account: '444455556666', region: 'eu-south-1' });
    const clusters = [new ClusterByName(scope, 'Cluster', 'prod')];
    expect(() => new EcsClusterSource(scope, 'Source', { clusters, forwardTo: BUS, ...props(scope) })).toThrow(problem);
  });
});
