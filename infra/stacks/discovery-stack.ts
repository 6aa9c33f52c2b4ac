/** The discovery of one deployment: all that reacts to tasks, nothing that scrapes. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { FunctionNetwork } from '../constructs/discovery-function.ts';
import { EcsPrometheusDiscovery } from '../constructs/ecs-prometheus-discovery.ts';
import { tellByEmail, tellTopic } from '../constructs/monitoring/alarm-topic.ts';
import { ClusterByArn, ClusterByName, type WatchedCluster } from '../constructs/watched-cluster.ts';
import { isArn } from '../props/shapes.ts';
import type { Settings } from '../settings/settings.ts';
import { keepExported } from './exports.ts';
import { existingSubnet } from './place.ts';

export interface DiscoveryStackProps extends StackProps {
  readonly settings: Settings;
}

export class DiscoveryStack extends Stack {
  readonly discovery: EcsPrometheusDiscovery;

  constructor(scope: Construct, id: string, { settings, ...props }: DiscoveryStackProps) {
    super(scope, id, { description: `Prometheus target discovery for Amazon ECS (${settings.deployment})`, ...props });
    const { clusters, logRetentionDays, ...rest } = settings;
    this.discovery = new EcsPrometheusDiscovery(this, 'Discovery', {
      ...rest,
      clusters: clusters.map((cluster) => clusterIn(this, cluster)),
      logRetention: logRetentionDays,
      functionNetwork: functionNetwork(this, settings),
      alarmAction: alarmAction(this, settings),
    });
    const { observe, store, register, resync, sources, targetsChanged } = this.discovery;
    this.#output('ResyncFunction', resync.function.functionName, 'Invoke it to compare the targets with ECS now');
    this.#output('ObserveFunction', observe.function.functionName, 'Its logs say what happened to each task');
    this.#output('StoreFunction', store.function.functionName, 'Writes the target configuration');
    if (register) this.#output('RegisterFunction', register.function.functionName, 'Registers tasks in Cloud Map');
    this.#output('StopsQueue', observe.stops.queueUrl, 'Tasks that stop, on their way');
    this.#output('RunsQueue', observe.runs.queueUrl, 'Tasks that run, on their way');
    this.#output('StoreQueue', store.queue.queueUrl, 'Changes on their way to SSM');
    if (register) this.#output('RegisterQueue', register.queue.queueUrl, 'Changes on their way to Cloud Map');
    this.#output('ObserveDeadLetters', observe.deadLetters.queueUrl, 'Task changes that could not be handled');
    this.#output('StoreDeadLetters', store.deadLetters.queueUrl, 'Changes that could not be stored');
    if (register)
      this.#output('RegisterDeadLetters', register.deadLetters.queueUrl, 'Changes that could not be registered');
    this.#output('UndeliveredQueue', observe.undelivered.queueUrl, 'Task changes that EventBridge could not deliver');
    if (sources)
      this.#output('SourcesBus', sources.bus.eventBusArn, 'forwardTo of the stacks in other accounts and Regions');
    this.#output('TargetsChangedTopic', targetsChanged.topic.topicArn, 'Carries every change of a target');
    this.#output('ParameterPath', `/${settings.deployment}`, 'The SSM parameters with the targets are below it');
    for (const [index, queue] of targetsChanged.queues.entries()) {
      this.#output(`CollectorQueue${index}`, queue.queueUrl, `TARGET_SYNC_QUEUE_URL of collector ${index}`);
    }
    // For registries in the workload stack; without a workload stack of ours nobody needs it.
    if (settings.ownCluster) keepExported(this, [this.discovery.registrationCleanup?.function.functionArn]);
  }

  #output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}

/** By its name where it is here, and by its ARN elsewhere. */
const clusterIn = (scope: Construct, cluster: string): WatchedCluster =>
  isArn(cluster)
    ? new ClusterByArn(scope, `Cluster-${cluster}`, cluster)
    : new ClusterByName(scope, `Cluster-${cluster}`, cluster);

/** Undefined: outside any VPC. */
function functionNetwork(
  scope: Construct,
  { functionSubnetIds, functionSecurityGroupIds }: Settings,
): FunctionNetwork | undefined {
  if (functionSubnetIds.length === 0) return undefined;
  return {
    subnets: functionSubnetIds.map((id) => existingSubnet(scope, id)),
    securityGroups: functionSecurityGroupIds.map((id) => SecurityGroup.fromSecurityGroupId(scope, id, id)),
  };
}

function alarmAction(scope: Construct, { deployment, alarmEmail, alarmTopicArn }: Settings): IAlarmAction | undefined {
  if (alarmEmail !== undefined) return tellByEmail(scope, 'AlarmTopic', deployment, alarmEmail);
  if (alarmTopicArn !== undefined) return tellTopic(scope, 'AlarmTopic', alarmTopicArn);
  return undefined;
}
