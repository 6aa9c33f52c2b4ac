/** The ECS clusters that a deployment watches. */
import { Arn, ArnFormat, Stack, Token } from 'aws-cdk-lib';
import type { ICluster } from 'aws-cdk-lib/aws-ecs';
import { RegionInfo } from 'aws-cdk-lib/region-info';
import { Construct } from 'constructs';
import { keyElsewhere } from '../../functions/discovery/cluster/cluster-key.ts';
import { misshapen, refuse } from '../props/problems.ts';
import { CLUSTER_ARN, CLUSTER_NAME } from '../props/shapes.ts';

/** An ECS cluster as far as discovery needs it; every `ICluster` of the account and Region of the stack is one. */
export type WatchedCluster = Pick<ICluster, 'clusterName' | 'clusterArn' | 'node'> & {
  /** Set where it is in another account or Region: see {@link ClusterByArn}. */
  readonly elsewhere?: AccountAndRegion;
};

export interface AccountAndRegion {
  readonly account: string;
  readonly region: string;
}

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
 * A cluster of another account or Region. An `EcsClusterSource` has to be deployed there: it forwards the events of the
 * cluster, and lets the functions of this deployment look at its tasks.
 */
export class ClusterByArn extends Construct implements WatchedCluster {
  readonly clusterName: string;
  readonly clusterArn: string;
  readonly elsewhere: AccountAndRegion;

  constructor(scope: Construct, id: string, clusterArn: string) {
    super(scope, id);
    const { account: ownAccount, region: ownRegion } = Stack.of(this);
    refuse(
      this,
      Token.isUnresolved(clusterArn)
        ? ['clusterArn has to be known before the deployment']
        : misshapen({ clusterArn }, { clusterArn: CLUSTER_ARN }),
    );
    const [, , , region = '', account = '', resource = ''] = clusterArn.split(':');
    const clusterName = resource.slice(resource.indexOf('/') + 1);
    if (ownAccount === account && ownRegion === region) {
      refuse(this, [`clusterArn is ${clusterArn}, in the account and Region of this stack: give it by its name`]);
    }
    refuse(this, problemsOfPartition(this, { clusterArn }));
    this.clusterArn = clusterArn;
    this.clusterName = clusterName;
    this.elsewhere = { account, region };
  }
}

/** What is wrong with an ARN of another partition: neither events nor roles reach from one into another. */
export function problemsOfPartition(scope: Construct, arns: Readonly<Record<string, string>>): string[] {
  const { region } = Stack.of(scope);
  const own = Token.isUnresolved(region) ? undefined : RegionInfo.get(region).partition;
  return Object.entries(arns).flatMap(([name, arn]) => {
    const partition = arn.split(':')[1];
    return own === undefined || partition === own
      ? []
      : [
          `${name} is ${arn}, in partition ${partition}, which nothing in ${own} reaches: make another deployment there`,
        ];
  });
}

/** What the deployment calls a cluster, see functions/discovery/cluster/cluster-key.ts. */
export const clusterKey = ({ clusterName, elsewhere }: WatchedCluster): string =>
  elsewhere ? keyElsewhere({ name: clusterName, ...elsewhere }) : clusterName;

/**
 * What names a cluster in the ids of its constructs. A name that is only known at deployment time is replaced by the
 * address of the construct, so that adding a cluster never replaces the parameters of another.
 */
export const clusterId = (cluster: WatchedCluster): string =>
  Token.isUnresolved(cluster.clusterName) ? cluster.node.addr : clusterKey(cluster);

/** What is wrong with the names of clusters, and with what is given for clusters where no compiler has looked. */
export function problemsOfClusters(clusters: readonly WatchedCluster[]): string[] {
  const isCluster = (one: unknown): boolean =>
    typeof one === 'object' && one !== null && 'clusterName' in one && 'node' in one;
  if (!Array.isArray(clusters) || !clusters.every(isCluster)) {
    return ['clusters must be an array of clusters: of ICluster, ClusterByName or ClusterByArn'];
  }
  const here = clusters.filter(({ elsewhere }) => elsewhere === undefined);
  return here.flatMap(({ clusterName }) =>
    misshapen({ clusterName }, { clusterName: CLUSTER_NAME }).map((problem) => `clusters: ${problem}`),
  );
}

/** What is wrong with where a cluster is: one of another account or Region has to say so. */
export function problemOfPlace(scope: Construct, cluster: WatchedCluster): string | undefined {
  const { clusterArn, elsewhere, node } = cluster;
  if (elsewhere) return undefined;
  // The ARN of a cluster of this app is known at deployment alone, but its stack says where it is.
  const isKnown = !Token.isUnresolved(clusterArn);
  const its = isKnown ? Arn.split(clusterArn, ArnFormat.SLASH_RESOURCE_NAME) : node.scopes.findLast(Stack.isStack);
  if (its === undefined || isSamePlace(Stack.of(scope), its)) return undefined;
  return `clusters names ${isKnown ? clusterArn : node.path}, which is in another account or Region than this stack: give it as a ClusterByArn, and deploy an EcsClusterSource there`;
}

/** Whether two places can be the same: what only the deployment knows is taken to be. */
function isSamePlace(own: AccountAndRegion, its: Partial<AccountAndRegion>): boolean {
  const canBeEqual = (a: string, b: string | undefined): boolean =>
    Token.isUnresolved(a) || Token.isUnresolved(b) || a === b;
  return canBeEqual(own.account, its.account) && canBeEqual(own.region, its.region);
}

/** ARN of what ECS keeps under clusters of the account and Region of a stack, as in `task/<cluster>/*`. */
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
