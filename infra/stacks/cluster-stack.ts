/** Network and cluster, for who has none: VPC, ECS cluster, EC2 capacity, Cloud Map namespaces, security groups. */
import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, Peer, Port, SecurityGroup, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { type INamespace, PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import type { Construct } from 'constructs';
import { acknowledge } from '../constructs/acknowledge.ts';
import { CollectorSecurityGroup } from '../constructs/collector/collector-security-group.ts';
import { InstanceCapacity } from '../constructs/network/instance-capacity.ts';
import { Network } from '../constructs/network/network.ts';
import { NODE_EXPORTER_PORT } from '../constructs/workload/node-exporter.ts';
import type { Settings } from '../settings/settings.ts';
import { keepExported } from './exports.ts';
import { existingSecurityGroups, existingSite, type OwnPlace, type Site } from './place.ts';

export interface ClusterStackProps extends StackProps {
  readonly settings: Settings;
}

export class ClusterStack extends Stack implements OwnPlace {
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  readonly capacityProvider: string | undefined;
  readonly namespace: INamespace | undefined;
  readonly collectorSecurityGroup: CollectorSecurityGroup;
  readonly scrapedSecurityGroup: ISecurityGroup;

  constructor(scope: Construct, id: string, { settings, ...props }: ClusterStackProps) {
    super(scope, id, { description: `Network and ECS cluster (${settings.deployment})`, ...props });
    const site = this.#site(settings);
    this.vpc = site.vpc;
    this.subnets = site.subnets;

    const cluster = new Cluster(this, 'Cluster', {
      clusterName: settings.clusters[0] ?? settings.deployment,
      vpc: site.vpc,
      containerInsightsV2: ContainerInsights.DISABLED,
    });
    acknowledge(cluster, {
      'AwsSolutions-ECS4': 'The ECS exporter measures the tasks; Container Insights would do so again, for money.',
    });
    [this.namespace] = settings.namespaces.map(
      (name) =>
        new PrivateDnsNamespace(this, `Namespace-${name}`, {
          name,
          vpc: site.vpc,
          description: `Services of cluster ${settings.deployment}`,
        }),
    );

    this.scrapedSecurityGroup = this.#scraped();
    this.collectorSecurityGroup = new CollectorSecurityGroup(this, 'CollectorSecurityGroup', site);
    for (const targets of [this.scrapedSecurityGroup, ...existingSecurityGroups(this, settings)]) {
      this.collectorSecurityGroup.scrape(targets, settings.scrapePorts);
    }
    this.capacityProvider = this.#instances(cluster, site, settings);
    this.#outputs();
    keepExported(this, [
      ...(site.subnets.subnets ?? []).map(({ subnetId }) => subnetId),
      this.scrapedSecurityGroup.securityGroupId,
      this.collectorSecurityGroup.securityGroupId,
      this.namespace?.namespaceId,
      this.capacityProvider,
    ]);
  }

  #site({ vpcId, ...settings }: Settings): Site {
    if (vpcId !== undefined) return existingSite(this, { ...settings, vpcId });
    const { vpcCidr: cidr, natGateways, logRetentionDays: logRetention } = settings;
    const { vpc } = new Network(this, 'Network', { cidr, natGateways, logRetention });
    return { vpc, subnets: { subnets: vpc.privateSubnets } };
  }

  #scraped(): SecurityGroup {
    const group = new SecurityGroup(this, 'ScrapedSecurityGroup', {
      vpc: this.vpc,
      description: 'Tasks that the collectors may scrape',
      allowAllOutbound: false,
    });
    group.addEgressRule(Peer.anyIpv4(), Port.HTTPS, 'images and logs');
    return group;
  }

  #instances(cluster: Cluster, { vpc, subnets }: Site, settings: Settings): string | undefined {
    const { ec2Instances, ec2MaxInstances, ec2InstanceType, nodeExporter } = settings;
    if (ec2Instances === 0) return undefined;
    const capacity = new InstanceCapacity(this, 'Instances', {
      cluster,
      vpc,
      subnets,
      instanceType: ec2InstanceType,
      minInstances: ec2Instances,
      maxInstances: ec2MaxInstances,
    });
    if (nodeExporter) {
      const port = { from: NODE_EXPORTER_PORT, to: NODE_EXPORTER_PORT };
      this.collectorSecurityGroup.scrape(capacity.securityGroup, [port]);
    }
    return capacity.capacityProviderName;
  }

  #outputs(): void {
    new CfnOutput(this, 'VpcId', { value: this.vpc.vpcId });
    new CfnOutput(this, 'ScrapedSecurityGroupId', {
      value: this.scrapedSecurityGroup.securityGroupId,
      description: 'Give it to tasks that collectors are to scrape on scrapePorts',
    });
    new CfnOutput(this, 'CollectorSecurityGroupId', {
      value: this.collectorSecurityGroup.securityGroupId,
      description: 'Who has to be let in where other targets are scraped',
    });
  }
}
