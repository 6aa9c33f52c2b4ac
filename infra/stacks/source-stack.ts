/** What lets a deployment of another account or Region watch clusters here. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { EcsClusterSource } from '../constructs/elsewhere/ecs-cluster-source.ts';
import { ClusterByName } from '../constructs/watched-cluster.ts';
import type { Settings } from '../settings/settings.ts';

export interface SourceStackProps extends StackProps {
  readonly settings: Settings;
  /** ARN of the event bus of the deployment. */
  readonly forwardTo: string;
}

export class SourceStack extends Stack {
  constructor(scope: Construct, id: string, { settings, forwardTo, ...props }: SourceStackProps) {
    super(scope, id, { description: `Lets ${forwardTo} watch ECS clusters, for Prometheus`, ...props });
    const { clusters, externalId, tagLabels, metaLabels } = settings;
    const { role, undelivered } = new EcsClusterSource(this, 'Source', {
      clusters: clusters.map((name) => new ClusterByName(this, `Cluster-${name}`, name)),
      forwardTo,
      externalId,
      readsTags: tagLabels.length > 0 || metaLabels,
    });
    new CfnOutput(this, 'RoleArn', {
      value: role.roleArn,
      description: 'By which the deployment looks at the clusters',
    });
    new CfnOutput(this, 'UndeliveredQueue', {
      value: undelivered.queueUrl,
      description: 'Task changes that EventBridge could not forward',
    });
  }
}
