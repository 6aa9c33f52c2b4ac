/** Settings that are each valid but do not go together. What becomes too large is counted: stacks/template-limits.ts. */
import { architectureOf, broken, fargateSize, instanceNumbers, type Rule, sharing } from '../props/contradictions.ts';
import { isArn } from '../props/shapes.ts';
import { scrapeContradictions } from './scrape-contradictions.ts';
import type { Settings } from './settings.ts';

/** Account and Region that are deployed to, as the CDK's command line finds them; absent where it does not. */
export interface Target {
  readonly account?: string | undefined;
  readonly region?: string | undefined;
}

/** One sentence a contradiction; none: the settings go together. */
export function contradictions(settings: Settings, target: Target = {}): readonly string[] {
  const rules: readonly Rule[] = [
    sharing(settings),
    [
      settings.collector && settings.collectors === 0,
      'collector is true, but collectors is 0: leave collectors out, or set collector to false',
    ],
    [
      settings.alarmEmail !== undefined && settings.alarmTopicArn !== undefined,
      'alarmEmail and alarmTopicArn exclude each other: subscribe the address to the topic',
    ],
    [
      !settings.alarms && (settings.alarmEmail ?? settings.alarmTopicArn) !== undefined,
      'alarms is false, but alarmEmail or alarmTopicArn is set',
    ],
    ...elsewhereRules(settings, target),
    ...placeRules(settings),
    ...scrapeContradictions(settings).map((sentence): Rule => [true, sentence]),
    ...sizeRules(settings),
  ];
  return broken(rules);
}

/** What is watched in other accounts and Regions, and what lets others watch what is here. */
function elsewhereRules(
  { clusters, namespaces, namespacesParameter, ownCluster, ...settings }: Settings,
  target: Target,
): readonly Rule[] {
  const own = clusters.find((it) => it.startsWith('arn:') && it.includes(`:ecs:${target.region}:${target.account}:`));
  const here = clusters.filter((cluster) => !isArn(cluster));
  const away = clusters.find(isArn);
  const others = (['collector', 'workload', 'nodeExporter', 'grafana'] as const).filter((name) => settings[name]);
  const isSource = settings.forwardTo !== undefined;
  return [
    [
      own !== undefined,
      `clusters names ${own}, which is in the account and Region that is deployed to: give its name, ${own?.slice(own.lastIndexOf('/') + 1)}`,
    ],
    [
      here.length === 0 && (namespaces.length > 0 || namespacesParameter !== undefined),
      'namespaces are of this account and Region, but all clusters are elsewhere: their tasks are neither registered in Cloud Map nor selected by its tags, so leave namespaces out',
    ],
    [
      !isSource && here.length === 0 && others.length > 0,
      `${others.join(', ')}: this runs in the first of the clusters that is here, but all of them are elsewhere`,
    ],
    [
      isSource && ownCluster,
      'forwardTo lets another deployment watch clusters that exist here: name them, as in -c clusters=prod,staging',
    ],
    [
      isSource && away !== undefined,
      `forwardTo lets another deployment watch clusters of this account and Region: name them, not ${away}`,
    ],
    [
      isSource && !ownCluster && others.length > 0,
      `forwardTo deploys the small stack of a source alone: leave out ${others.join(', ')}`,
    ],
  ];
}

function placeRules(settings: Settings): readonly Rule[] {
  const { ownCluster, vpcId, subnetIds, launchType, ec2Instances, ec2MaxInstances } = settings;
  const needNetwork = (['collector', 'workload', 'nodeExporter'] as const).filter((name) => settings[name]);
  return [
    [(vpcId === undefined) !== (subnetIds.length === 0), 'vpcId and subnetIds go together: name both, or neither'],
    [
      (settings.functionSubnetIds.length === 0) !== (settings.functionSecurityGroupIds.length === 0),
      'functionSubnetIds and functionSecurityGroupIds go together: name both, or neither',
    ],
    [
      !ownCluster && vpcId === undefined && needNetwork.length > 0,
      `${needNetwork.join(', ')}: in an existing cluster this needs vpcId and subnetIds`,
    ],
    [
      ownCluster && launchType === 'EC2' && ec2Instances === 0,
      'launchType is EC2, but ec2Instances is 0: there is nothing to run on',
    ],
    instanceNumbers([ec2Instances, ec2MaxInstances], ['ec2Instances', 'ec2MaxInstances']),
    [
      !ownCluster && ec2Instances > 0,
      'ec2Instances is for the cluster that the app makes, but clusters names existing ones',
    ],
    [
      settings.grafana && !settings.collector,
      'grafana shows what the collectors of this deployment send, but collector is false',
    ],
  ];
}

function sizeRules(settings: Settings): readonly Rule[] {
  const { launchType, architecture, ec2InstanceType, collectorCpu, collectorMemory, ownCluster } = settings;
  return [
    ...(launchType === 'FARGATE' ? [fargateSize(collectorCpu, collectorMemory, 'collectorMemory')] : []),
    [
      ownCluster && launchType === 'EC2' && architectureOf(ec2InstanceType) !== architecture,
      `architecture is ${architecture}, but instances of type ${ec2InstanceType} are ${architectureOf(ec2InstanceType)}`,
    ],
  ];
}
