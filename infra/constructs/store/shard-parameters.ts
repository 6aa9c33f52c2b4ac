/** The SSM parameters that hold the scrape targets, a fixed number for each cluster. */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct } from 'constructs';
import { ENVIRONMENT, shardParameterName } from '../../../functions/discovery/names.ts';
import { EMPTY_SHARD_DOCUMENT } from '../../../functions/discovery/shard/shard-codec.ts';
import { acknowledgeWildcards } from '../acknowledge.ts';
import type { GrantTarget } from '../grant-target.ts';
import { clusterId, clusterKey, type WatchedCluster } from '../watched-cluster.ts';

export interface ShardParametersProps {
  readonly deployment: string;
  readonly clusters: readonly WatchedCluster[];
  /** Shards of each cluster. */
  readonly shards: number;
  readonly tier: 'Standard' | 'Advanced';
}

/**
 * CloudFormation writes a parameter when it makes it, and again only when its own properties change. So nothing here may
 * vary from one deployment to the next: no description, no value that depends on a setting. (A change of the tier, or of a
 * tag of the stack, does write the empty document again. It carries `base: 0`, so that it does not count, and everybody
 * goes on with the version before it.)
 */
export class ShardParameters extends Construct {
  readonly #props: ShardParametersProps;

  constructor(scope: Construct, id: string, props: ShardParametersProps) {
    super(scope, id);
    this.#props = props;
    for (const cluster of props.clusters) {
      for (let shard = 0; shard < props.shards; shard += 1) {
        new StringParameter(this, `${clusterId(cluster)}-${shard}`, {
          parameterName: shardParameterName(props.deployment, clusterKey(cluster), shard),
          stringValue: EMPTY_SHARD_DOCUMENT,
          tier: props.tier === 'Advanced' ? ParameterTier.ADVANCED : ParameterTier.STANDARD,
          simpleName: false,
        });
      }
    }
  }

  /** Says in the environment which shards there are. */
  describe(grantee: GrantTarget): void {
    const { deployment, clusters, shards } = this.#props;
    grantee.addEnvironment(ENVIRONMENT.deployment, deployment);
    grantee.addEnvironment(ENVIRONMENT.clusters, clusters.map(clusterKey).join(','));
    grantee.addEnvironment(ENVIRONMENT.shards, String(shards));
  }

  /** Allows to read the targets, and an earlier version where the newest one does not count. */
  grantRead(grantee: IGrantable): Grant {
    return this.#grant(grantee, ['ssm:GetParameter', 'ssm:GetParameters']);
  }

  /** Allows to read and to write the targets. */
  grantReadWrite(grantee: IGrantable): Grant {
    return this.grantRead(grantee).combine(this.#grant(grantee, ['ssm:PutParameter']));
  }

  /**
   * One ARN a cluster, `…/targets/*`, rather than one a shard: the policy stays as small with 64 shards as with one, and
   * the pattern also covers the version selector (`…/targets/0:7`).
   */
  #grant(grantee: IGrantable, actions: string[]): Grant {
    const resourceArns = this.#props.clusters.map((cluster) =>
      Stack.of(this).formatArn({
        service: 'ssm',
        resource: `parameter/${this.#props.deployment}/${clusterKey(cluster)}/targets`,
        resourceName: '*',
        arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
      }),
    );
    acknowledgeWildcards(grantee, resourceArns, 'The shards of a cluster, and their versions.');
    return Grant.addToPrincipal({ grantee, actions, resourceArns });
  }
}
