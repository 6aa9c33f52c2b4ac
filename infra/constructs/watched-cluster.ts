/** The ECS clusters that a deployment watches. */
import { ArnFormat, Stack, Token } from 'aws-cdk-lib';
import type { ICluster } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { misshapen, refuse } from '../props/problems.ts';
import { CLUSTER_NAME } from '../props/shapes.ts';

/** An ECS cluster as far as discovery needs it; every `ICluster` is one. */
export type WatchedCluster = Pick<ICluster, 'clusterName' | 'clusterArn' | 'node'>;

/** A cluster of this account and Region, known by its name alone: needs neither a look-up nor a VPC. */
export class ClusterByName extends Construct implements WatchedCluster {
  readonly clusterName: string;
  readonly clusterArn: string;

  constructor(scope: Construct, id: string, clusterName: string) {
    super(scope, id);
    refuse(this, misshapen({ clusterName }, { clusterName: CLUSTER_NAME }));
    this.clusterName = clusterName;
    this.clusterArn = Stack.of(this).formatArn({ service: 'ecs', resource: 'cluster', resourceName: clusterName });
  }
}

/**
 * What names a cluster in the ids of its constructs. A name that is only known at deployment time is replaced by the
 * address of the construct, so that adding a cluster never replaces the parameters of another.
 */
export const clusterId = (cluster: WatchedCluster): string =>
  Token.isUnresolved(cluster.clusterName) ? cluster.node.addr : cluster.clusterName;

/** ARN of what ECS keeps under a cluster, as in `task/<cluster>/*`. */
export function arnsUnder(
  scope: Construct,
  resource: 'task' | 'service' | 'container-instance',
  clusters: readonly WatchedCluster[],
): string[] {
  return clusters.map(({ clusterName }) =>
    Stack.of(scope).formatArn({
      service: 'ecs',
      resource,
      resourceName: `${clusterName}/*`,
      arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
    }),
  );
}
