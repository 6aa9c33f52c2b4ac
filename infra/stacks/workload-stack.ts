/** Something to scrape from the start: the sample web application, and node exporters on the cluster's instances. */
import { Stack, type StackProps } from 'aws-cdk-lib';
import { type ISecurityGroup, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import type { EcsPrometheusDiscovery } from '../constructs/ecs-prometheus-discovery.ts';
import { NodeExporter } from '../constructs/workload/node-exporter.ts';
import { serviceNameOn } from '../constructs/workload/task-placement.ts';
import { ECS_EXPORTER_PORT, WEBAPP_PORT, Webapp } from '../constructs/workload/webapp.ts';
import type { Settings } from '../settings/settings.ts';
import { clusterOf, existingSecurityGroups, existingSite, type OwnPlace, placementOf, type Site } from './place.ts';

export interface WorkloadStackProps extends StackProps {
  readonly settings: Settings;
  readonly discovery: EcsPrometheusDiscovery;
  /** Where the app makes the cluster. */
  readonly own?: OwnPlace | undefined;
  /** The security group of the collectors, if the app runs some. */
  readonly collectorSecurityGroup?: ISecurityGroup | undefined;
}

export class WorkloadStack extends Stack {
  constructor(scope: Construct, id: string, { settings, discovery, own, ...props }: WorkloadStackProps) {
    const { collectorSecurityGroup, ...stackProps } = props;
    super(scope, id, { description: `Sample workload (${settings.deployment})`, ...stackProps });
    const site = own ?? existingSite(this, settings);
    const cluster = clusterOf(this, settings, site);
    const namespace = own?.namespace;
    const logRetention = settings.logRetentionDays;
    if (settings.workload) {
      const placement = placementOf(settings, cluster, site, own?.capacityProvider);
      new Webapp(this, 'Webapp', {
        serviceName: serviceNameOn(placement, 'webapp'),
        placement,
        securityGroups: own ? [own.scrapedSecurityGroup] : this.#securityGroups(settings, site, collectorSecurityGroup),
        namespace,
        tasks: settings.workloadTasks,
        logRetention,
      });
    }
    if (runsNodeExporter(settings)) {
      const registration = namespace && { namespace, discovery };
      new NodeExporter(this, 'NodeExporter', { cluster, registration, logRetention });
    }
    // The first tasks are to start when somebody watches, and the last to stop before nobody does.
    this.addStackDependency(Stack.of(discovery));
  }

  /** What the settings name, or a group that lets the collectors in. */
  #securityGroups(settings: Settings, { vpc }: Site, collectors: ISecurityGroup | undefined): ISecurityGroup[] {
    const existing = existingSecurityGroups(this, settings);
    if (existing.length > 0) return existing;
    const group = new SecurityGroup(this, 'SecurityGroup', { vpc, description: 'Sample workload' });
    if (collectors === undefined) return [group];
    for (const port of [WEBAPP_PORT, ECS_EXPORTER_PORT]) group.addIngressRule(collectors, Port.tcp(port), 'scraping');
    return [group];
  }
}

/** In a cluster that the app makes, there are instances only if the settings want some. */
export const runsNodeExporter = ({ nodeExporter, ownCluster, ec2Instances }: Settings): boolean =>
  nodeExporter && (!ownCluster || ec2Instances > 0);
