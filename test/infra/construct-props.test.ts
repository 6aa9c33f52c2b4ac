/** What a construct says in somebody else's app when a property is wrong, and what it gives them to work with. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { App, Lazy, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type IVpc, Port, SecurityGroup, Subnet, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, type ICluster } from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import {
  AlertRules,
  ClusterByName,
  CollectorSecurityGroup,
  Collectors,
  EcsManagedRegistry,
  EcsPrometheusDiscovery,
  type EcsPrometheusDiscoveryProps,
  existingWorkspace,
  GrafanaWorkspace,
  InstanceCapacity,
  Network,
  PropsError,
  Webapp,
  Workspace,
} from '../../infra/index.ts';
import { readSettings, SettingsError } from '../../infra/settings/read-settings.ts';

let stack: Stack;
let vpc: IVpc;
let cluster: ICluster & Cluster;

beforeEach(() => {
  stack = new Stack(new App(), 'Theirs', { env: { account: '123456789012', region: 'eu-central-1' } });
  vpc = new Vpc(stack, 'Vpc', { availabilityZones: ['eu-central-1a'] }) as IVpc;
  cluster = new Cluster(stack, 'Cluster', { vpc }) as ICluster & Cluster;
});

/** The problems that a construct is refused for; none: it is made. */
function problemsOf(make: () => unknown): readonly string[] {
  try {
    make();
    return [];
  } catch (error) {
    if (error instanceof PropsError) return error.problems;
    throw error;
  }
}

const prod = () => new ClusterByName(stack, 'Prod', 'prod');
const discovery = (props: object = {}): EcsPrometheusDiscovery =>
  new EcsPrometheusDiscovery(stack, 'Discovery', { clusters: [prod()], ...props } as EcsPrometheusDiscoveryProps);
const placement = () => ({
  cluster,
  subnets: { subnets: vpc.privateSubnets },
  launchType: 'FARGATE' as const,
  architecture: 'ARM64' as const,
});
const collectors = (props: object = {}, of = discovery({ collectors: 1 })): Collectors =>
  new Collectors(stack, 'Collectors', {
    discovery: of,
    workspace: existingWorkspace(stack, 'ws-0123'),
    placement: placement(),
    securityGroup: new CollectorSecurityGroup(stack, 'CollectorSecurityGroup', { vpc }),
    targetSyncImage: ContainerImage.fromRegistry('registry.example.com/target-sync:1'),
    ...props,
  });
const webapp = (props: object = {}): Webapp =>
  new Webapp(stack, 'Webapp', {
    serviceName: 'web',
    placement: placement(),
    securityGroups: [new SecurityGroup(stack, 'Group', { vpc })],
    image: ContainerImage.fromRegistry('registry.example.com/web:1'),
    ...props,
  });

describe('a discovery', () => {
  it.each<[object, readonly string[]]>([
    [{}, []],
    [{ shards: 0 }, ['shards must be a whole number from 1 to 256, not 0']],
    [
      { shards: 2.5, collectors: 17 },
      [expect.stringContaining('shards must'), expect.stringContaining('collectors must')] as never,
    ],
    [{ collectors: 5 }, ['collectors is 5, but each cluster has only 4 shards to split between them: raise shards']],
    [{ collectors: 5, shards: 8 }, []],
    [{ clusters: [] }, ['clusters is empty: give at least one cluster to watch']],
    [{ deployment: 'aws-prod' }, [expect.stringMatching(/^deployment must be .*not 'aws-prod'$/)] as never],
    [{ shardTier: 'Basic' }, ["shardTier must be Advanced or Standard, not 'Basic'"]],
    [{ namespaces: ['a', 'a'] }, ["namespaces names 'a' twice"]],
    [{ namespacesParameter: '/aws/x' }, [expect.stringContaining('namespacesParameter must be')] as never],
    [{ resyncSchedule: 'rate(1 hours)' }, [expect.stringContaining('resyncSchedule must be off or a rate')] as never],
    [{ resyncRemovalLimitPercent: 0 }, [expect.stringContaining('resyncRemovalLimitPercent must be')] as never],
    [{ scrapeRules: [{ service: 'shop' }] }, [expect.stringContaining('rule 1, port: needs a port')] as never],
    [{ scrapeRules: [{ servcie: 'shop', port: 1 }] }, [expect.stringContaining('did you mean service?')] as never],
    [{ extraLabels: ['colour'] }, [expect.stringContaining('extraLabels must be')] as never],
    [{ dockerLabels: ['__name__'] }, [expect.stringContaining('dockerLabels')] as never],
    [{ tagLabels: ['Cost Center', 'Größe', 'aws:ecs:*'] }, []],
    [
      { functionNetwork: { subnets: [], securityGroups: [] } },
      ['functionNetwork needs at least one subnet and one security group'],
    ],
  ])('given %j has the problems %j', (props, problems) => {
    expect(problemsOf(() => discovery(props))).toEqual(problems);
  });

  it('names itself in the message, and every problem on a line of its own', () => {
    expect(() => discovery({ shards: 0, collectors: -1 })).toThrow(
      [
        'The properties of EcsPrometheusDiscovery Theirs/Discovery have problems:',
        '  - shards must be a whole number from 1 to 256, not 0',
        '  - collectors must be a whole number from 0 to 16, not -1',
      ].join('\n'),
    );
  });

  it('watches no cluster twice', () => {
    const twice = ['One', 'Two'].map((id) => new ClusterByName(stack, id, 'prod'));
    expect(problemsOf(() => discovery({ clusters: twice }))).toEqual(['clusters names prod twice']);
  });

  it('watches no cluster of a stack in another Region, which only a source there can forward', () => {
    const there = new Stack(stack.node.root as App, 'There', { env: { account: stack.account, region: 'us-east-1' } });
    const away = new Cluster(there, 'Cluster', {
      vpc: new Vpc(there, 'Vpc') as IVpc,
      clusterName: 'away',
    }) as ICluster & Cluster;
    expect(problemsOf(() => discovery({ clusters: [away] }))).toEqual([
      'clusters names There/Cluster, which is in another account or Region than this stack: give it as a ClusterByArn, and deploy an EcsClusterSource there',
    ]);
  });

  it('watches no cluster whose name has no room in a target file', () => {
    const named = (id: string, clusterName: string) =>
      Cluster.fromClusterAttributes(stack, id, { clusterName, vpc, securityGroups: [] });
    const problem = expect.stringContaining('clusters: clusterName must be a cluster name (up to 240 letters');
    expect(problemsOf(() => discovery({ clusters: [named('Long', 'c'.repeat(241))] }))).toEqual([problem]);
    for (const id of ['Prod', 'Discovery']) stack.node.tryRemoveChild(id);
    expect(problemsOf(() => discovery({ clusters: [named('Fits', 'c'.repeat(240))] }))).toEqual([]);
  });

  it.each<[unknown]>([[undefined], ['prod'], [['prod']], [[null]], [[{}]]])(
    'without TypeScript, too, is told what a cluster is: not %j',
    (clusters) => {
      expect(problemsOf(() => discovery({ clusters }))).toEqual([
        'clusters must be an array of clusters: of ICluster, ClusterByName or ClusterByArn',
      ]);
    },
  );

  it('has a name of its own among those of its account and Region', () => {
    const again = (id: string, region: string, deployment: string) => {
      const other = new Stack(stack.node.root as App, id, { env: { account: stack.account, region } });
      const clusters = [new ClusterByName(other, 'Other', 'other')];
      return problemsOf(() => new EcsPrometheusDiscovery(other, 'Again', { clusters, deployment }));
    };
    discovery({ deployment: 'team' });
    const problem =
      'deployment is team, as that of Theirs/Discovery in the same account and Region: give one of them another';
    expect(again('Same', 'eu-central-1', 'team')).toEqual([problem]);
    expect(again('Different', 'eu-central-1', 'staff')).toEqual([]);
    expect(again('Elsewhere', 'eu-west-1', 'team')).toEqual([]);
    expect(
      problemsOf(() => new EcsPrometheusDiscovery(stack, 'Twin', { clusters: [cluster], deployment: 'team' })),
    ).toEqual([problem]);
  });

  it('may have the name of one in a stack of which only the deployment knows the place', () => {
    const app = new App();
    const make = (id: string) => {
      const agnostic = new Stack(app, id);
      return new EcsPrometheusDiscovery(agnostic, 'D', { clusters: [new ClusterByName(agnostic, 'C', 'prod')] });
    };
    expect(problemsOf(() => [make('Beta'), make('Prod')])).toEqual([]);
  });

  it('takes what only the deployment knows', () => {
    const namespaces = [Lazy.string({ produce: () => 'internal' })];
    expect(problemsOf(() => discovery({ clusters: [cluster], namespaces }))).toEqual([]);
  });

  it('says of the same value what the settings of the app say', () => {
    const said = (context: Readonly<Record<string, unknown>>): readonly string[] => {
      try {
        readSettings({ clusters: 'prod', ...context });
      } catch (error) {
        if (error instanceof SettingsError) return error.problems;
      }
      return [];
    };
    for (const props of [
      { shards: 0 },
      { collectors: 5 },
      { scrapeRules: [{ service: 'x' }] },
      { resyncSchedule: 'x' },
    ]) {
      expect(said(props)).toHaveLength(1);
      expect(problemsOf(() => discovery(props))).toEqual(said(props));
      stack.node.tryRemoveChild('Prod');
      stack.node.tryRemoveChild('Discovery');
    }
  });
});

const group = (id = 'Scraping'): CollectorSecurityGroup => new CollectorSecurityGroup(stack, id, { vpc });
const PORTS = [{ from: 3000, to: 3000 }];

describe('another construct', () => {
  it.each<[string, () => unknown, string]>([
    ['a cluster by its ARN', () => new ClusterByName(stack, 'X', 'arn:aws:ecs:us-east-1:1:cluster/x'), 'by its ARN'],
    ['a size that Fargate does not know', () => collectors({ cpu: 256, memory: 4096 }), 'Fargate has no 4096 MiB'],
    ['a size that is none', () => collectors({ cpu: 100 }), 'cpu must be'],
    [
      'a launch type that is none',
      () => collectors({ placement: { ...placement(), launchType: 'LAMBDA' } }),
      'launchType',
    ],
    ['the job of the collectors', () => collectors({ scrapeJob: 'collector' }), 'scrapeJob must not be collector'],
    ['an interval of nothing', () => collectors({ scrapeIntervalSeconds: 0 }), 'scrapeIntervalSeconds must be'],
    ['a discovery without queues', () => collectors({}, discovery()), 'has no queue for a collector: set collectors'],
    ['a network that is too small', () => new Network(stack, 'N', { cidr: '10.0.0.0/28' }), 'cidr must be'],
    ['three NAT gateways', () => new Network(stack, 'N', { natGateways: 3 }), 'natGateways must be'],
    ['a type that is none', () => new InstanceCapacity(stack, 'I', { cluster, instanceType: 'small' }), 'instanceType'],
    [
      'more instances at least than at most',
      () => new InstanceCapacity(stack, 'I', { cluster, minInstances: 3, maxInstances: 2 }),
      'maxInstances is 2, less than minInstances, which is 3',
    ],
    ['a service without a group', () => webapp({ securityGroups: [] }), 'securityGroups is empty'],
    ['a service with a bad name', () => webapp({ serviceName: 'web app' }), 'serviceName must be'],
    ['no name for people', () => new Workspace(stack, 'W', { alias: '' }), 'alias must be'],
    [
      'a bad name of rules',
      () => new AlertRules(stack, 'R', { workspace: existingWorkspace(stack, 'ws-0123'), name: 'my rules' }),
      'name must be',
    ],
    [
      'a bad name of a Grafana',
      () => new GrafanaWorkspace(stack, 'G', { metrics: existingWorkspace(stack, 'ws-0123'), name: 'my grafana' }),
      'name must be',
    ],
    ['a port that is none', () => group().scrape(group('Scraped'), [{ from: 0, to: 80 }]), 'not {"from":0,"to":80}'],
    [
      'ports that go down',
      () => group().scrapeAnywhere([{ from: 9, to: 8 }]),
      'ports must be { from, to }, with ports',
    ],
    ['ports that are text', () => group().scrapeAnywhere([{ from: '3000' } as never]), 'not {"from":"3000"}'],
    ['a port twice', () => group().scrapeAnywhere([...PORTS, ...PORTS]), 'ports names {"from":3000,"to":3000} twice'],
    [
      'a path without a slash',
      () => {
        const namespace = new PrivateDnsNamespace(stack, 'Namespace', { name: 'x', vpc });
        const scrape = { metricsPath: 'metrics', metricsPort: 1 };
        return new EcsManagedRegistry(stack, 'Registry', { namespace, serviceName: 'web', scrape });
      },
      'metricsPath must be a path, which begins with a slash',
    ],
  ])('refuses %s', (_, make, problem) => {
    expect(problemsOf(make)).toEqual([expect.stringContaining(problem)]);
  });

  it('takes what is right', () => {
    expect(problemsOf(() => collectors({ cpu: 1024, memory: 3072, scrapeJob: 'ecs_services' }))).toEqual([]);
    expect(problemsOf(() => webapp())).toEqual([]);
    expect(problemsOf(() => group().scrapeAnywhere([...PORTS, { from: 32_768, to: 65_535 }]))).toEqual([]);
  });
});

describe('their app can', () => {
  const role = () => new Role(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  const allows = (statement: object) =>
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: Match.objectLike({ Statement: Match.arrayWith([Match.objectLike(statement)]) }),
      Roles: [{ Ref: Match.stringLikeRegexp('^Role') }],
    });

  it('start a resync', () => {
    discovery().grantResync(role());
    allows({ Action: 'lambda:InvokeFunction' });
  });

  it('read the targets', () => {
    discovery().grantReadTargets(role());
    allows({ Action: ['ssm:GetParameter', 'ssm:GetParameters'] });
  });

  it('send metrics to a workspace and query it, one of its own and one that exists', () => {
    const user = role();
    new Workspace(stack, 'Workspace', { alias: 'theirs' }).grantRemoteWrite(user);
    existingWorkspace(stack, 'ws-0123').grantQuery(user);
    allows({ Action: 'aps:RemoteWrite', Resource: { 'Fn::GetAtt': [Match.anyValue(), 'Arn'] } });
    allows({ Action: Match.arrayWith(['aps:QueryMetrics']) });
  });

  it('make alarms and graphs of its own', () => {
    const made = discovery();
    const [watched] = made.clusters;
    if (watched === undefined) throw new Error('It watches nothing');
    made
      .metricTargets(watched, { statistic: 'Minimum' })
      .createAlarm(stack, 'Few', { threshold: 1, evaluationPeriods: 1 });
    Template.fromStack(stack).hasResourceProperties('AWS::CloudWatch::Alarm', {
      ...{ MetricName: 'Targets', Statistic: 'Minimum', Namespace: 'EcsPrometheusDiscovery' },
      Dimensions: Match.arrayWith([{ Name: 'cluster', Value: 'prod' }]),
    });
    const names = [made.metricEventAge(watched), made.metricDrift(watched), made.metricShardFullness(watched)];
    expect(names.map(({ metricName }) => metricName)).toEqual(['EventAgeAtPublish', 'ResyncDrift', 'ShardFullness']);
  });

  it('find the alarms and the dashboard', () => {
    const made = discovery({ collectors: 1 });
    const lost = collectors({}, made).alarms;
    expect(lost).toHaveLength(1);
    expect(made.dashboard).toBeDefined();
    Template.fromStack(stack).resourceCountIs('AWS::CloudWatch::Alarm', made.alarms.length + lost.length);
  });

  it('turn both off', () => {
    const made = discovery({ collectors: 1, alarms: false, dashboard: false });
    expect([made.alarms, made.dashboard, collectors({ alarms: false }, made).alarms]).toEqual([[], undefined, []]);
  });

  it('let collectors in where it knows the targets', () => {
    webapp().connections.allowFrom(collectors(), Port.tcp(3000));
    new InstanceCapacity(stack, 'Instances', { cluster }).connections.allowFromAnyIpv4(Port.tcp(9100));
    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      FromPort: 3000,
      GroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Group'), 'GroupId'] },
      SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^CollectorSecurityGroup'), 'GroupId'] },
    });
    template.hasResourceProperties('AWS::EC2::SecurityGroup', {
      SecurityGroupIngress: [Match.objectLike({ FromPort: 9100 })],
    });
  });

  it('place the functions in its own subnets', () => {
    const subnets = [Subnet.fromSubnetId(stack, 'Subnet', 'subnet-0123456789abcdef0')];
    const securityGroups = [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-0123456789abcdef0')];
    discovery({ functionNetwork: { subnets, securityGroups } });
    Template.fromStack(stack).allResourcesProperties('AWS::Lambda::Function', {
      VpcConfig: { SubnetIds: ['subnet-0123456789abcdef0'], SecurityGroupIds: ['sg-0123456789abcdef0'] },
    });
  });
});
