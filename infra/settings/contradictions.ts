/** Settings that are each valid but do not go together. What becomes too large is counted: stacks/template-limits.ts. */
import { architectureOf, broken, fargateSize, instanceNumbers, type Rule, sharing } from '../props/contradictions.ts';
import { scrapeContradictions } from './scrape-contradictions.ts';
import type { Settings } from './settings.ts';

/** One sentence a contradiction; none: the settings go together. */
export function contradictions(settings: Settings): readonly string[] {
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
    ...placeRules(settings),
    ...scrapeContradictions(settings).map((sentence): Rule => [true, sentence]),
    ...sizeRules(settings),
  ];
  return broken(rules);
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
