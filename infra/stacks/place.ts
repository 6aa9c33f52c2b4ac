/** Where everything runs that needs a network: what the cluster stack made, or what exists already. */
import {
  type ISecurityGroup,
  type ISubnet,
  type IVpc,
  SecurityGroup,
  Subnet,
  type SubnetSelection,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { Cluster, type ICluster } from 'aws-cdk-lib/aws-ecs';
import type { INamespace } from 'aws-cdk-lib/aws-servicediscovery';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';
import type { CollectorSecurityGroup } from '../constructs/collector/collector-security-group.ts';
import type { Placement } from '../constructs/workload/task-placement.ts';
import { isArn } from '../props/shapes.ts';
import type { Settings } from '../settings/settings.ts';

/** A network, and the subnets of it that tasks and instances run in. */
export interface Site {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
}

/** What the cluster stack has for the others. */
export interface OwnPlace extends Site {
  readonly capacityProvider: string | undefined;
  /** Where the sample workload is registered. */
  readonly namespace: INamespace | undefined;
  readonly collectorSecurityGroup: CollectorSecurityGroup;
  /** Tasks that wear it are let scrape. */
  readonly scrapedSecurityGroup: ISecurityGroup;
}

/** The network that the settings name, without looking it up: neither synth nor its result depends on an account. */
export function existingSite(scope: Construct, { vpcId, subnetIds }: Settings): Site {
  if (vpcId === undefined) throw new Error('The settings name no VPC.');
  return {
    // Its zones are used by nothing here: the subnets are given one by one.
    vpc: Vpc.fromVpcAttributes(scope, 'Vpc', { vpcId, availabilityZones: ['unused'] }),
    subnets: { subnets: subnetIds.map((id) => existingSubnet(scope, id)) },
  };
}

/** A subnet that the settings name. */
export function existingSubnet(scope: Construct, id: string): ISubnet {
  const subnet = Subnet.fromSubnetId(scope, id, id);
  acknowledge(subnet, { 'Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId': 'Nobody here asks for its routes.' });
  return subnet;
}

/** The security groups that the settings name. */
export const existingSecurityGroups = (scope: Construct, { targetSecurityGroupIds }: Settings): ISecurityGroup[] =>
  targetSecurityGroupIds.map((id) => SecurityGroup.fromSecurityGroupId(scope, id, id, { allowAllOutbound: true }));

/**
 * The cluster that services run in, the first of the settings that is here. By its name also where the app makes it: a reference would
 * be an export, which ties the stacks together more than their order does.
 */
export function clusterOf(scope: Construct, { clusters }: Settings, { vpc }: Site): ICluster {
  const clusterName = clusters.find((cluster) => !isArn(cluster)) ?? '';
  return Cluster.fromClusterAttributes(scope, 'Cluster', { clusterName, vpc });
}

/** How the settings want tasks to run there. */
export const placementOf = (
  { launchType, architecture }: Settings,
  cluster: ICluster,
  { subnets }: Site,
  capacityProvider?: string,
): Placement => ({ cluster, subnets, launchType, architecture, capacityProvider });
