/** From targets to graphs: the collectors, the workspace that they write to, and Grafana that reads from it. */
import { CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Construct } from 'constructs';
import { CollectorSecurityGroup } from '../constructs/collector/collector-security-group.ts';
import { Collectors } from '../constructs/collector/collectors.ts';
import {
  existingWorkspace,
  type MetricsWorkspace,
  remoteWriteUrl,
  Workspace,
} from '../constructs/collector/workspace.ts';
import type { EcsPrometheusDiscovery } from '../constructs/ecs-prometheus-discovery.ts';
import { GrafanaWorkspace } from '../constructs/grafana/grafana-workspace.ts';
import { tellByEmailToo, tellTopic } from '../constructs/monitoring/alarm-topic.ts';
import { AlertRules } from '../constructs/monitoring/alert-rules.ts';
import type { Settings } from '../settings/settings.ts';
import { keepExported } from './exports.ts';
import { clusterOf, existingSecurityGroups, existingSite, type OwnPlace, placementOf, type Site } from './place.ts';

export interface MetricsStackProps extends StackProps {
  readonly settings: Settings;
  readonly discovery: EcsPrometheusDiscovery;
  /** Where the app makes the cluster. */
  readonly own?: OwnPlace | undefined;
}

export class MetricsStack extends Stack {
  readonly workspace: MetricsWorkspace;
  readonly collectorSecurityGroup: CollectorSecurityGroup;

  constructor(scope: Construct, id: string, { settings, discovery, own, ...props }: MetricsStackProps) {
    super(scope, id, { description: `Collectors and metrics (${settings.deployment})`, ...props });
    this.workspace = this.#workspace(settings);
    const site = own ?? existingSite(this, settings);
    this.collectorSecurityGroup = own?.collectorSecurityGroup ?? this.#securityGroup(settings, site);
    const cluster = clusterOf(this, settings, site);
    new Collectors(this, 'Collectors', {
      discovery,
      workspace: this.workspace,
      placement: placementOf(settings, cluster, site, own?.capacityProvider),
      securityGroup: this.collectorSecurityGroup,
      cpu: settings.collectorCpu,
      memory: settings.collectorMemory,
      scrapeIntervalSeconds: settings.scrapeIntervalSeconds,
      scrapeJob: settings.scrapeJob,
      scrapeJobs: settings.scrapeJobs,
      secrets: settings.collectorSecrets,
      ...(settings.collectorPipeline !== undefined && { pipeline: settings.collectorPipeline }),
      logRetention: settings.logRetentionDays,
      alarms: settings.alarms,
      alarmAction: alarmAction(this, settings),
    });
    this.#output('RemoteWriteUrl', remoteWriteUrl(this.workspace), 'Where the collectors send the metrics');
    this.#output('PrometheusUrl', this.workspace.endpoint, 'Data source for Grafana and promtool, signed with SigV4');
    if (own === undefined) {
      const { securityGroupId } = this.collectorSecurityGroup;
      this.#output('CollectorSecurityGroupId', securityGroupId, 'Who has to be let in where targets are scraped');
      keepExported(this, [securityGroupId]);
    }
    if (settings.grafana) this.#grafana(settings);
  }

  #workspace(settings: Settings): MetricsWorkspace {
    const { workspace, workspaceRemoval, deployment } = settings;
    if (workspace !== undefined) return existingWorkspace(this, workspace.workspaceId, workspace.region);
    const alertTopic = this.#alertTopic(settings);
    const own = new Workspace(this, 'Workspace', {
      alias: deployment,
      ...(workspaceRemoval === 'delete' && { removalPolicy: RemovalPolicy.DESTROY }),
      ...(alertTopic !== undefined && { alertTopic }),
    });
    // A workspace of somebody else may have rules of its own, and may be in another Region: docs/alerts has a file for it.
    new AlertRules(this, 'AlertRules', { workspace: own, name: deployment });
    return own;
  }

  /** The topic of the alarms, or one of its own: an address confirms each topic by itself. */
  #alertTopic({ alarmEmail, alarmTopicArn }: Settings): ITopic | undefined {
    if (alarmTopicArn !== undefined) return Topic.fromTopicArn(this, 'AlertTopic', alarmTopicArn);
    if (alarmEmail === undefined) return undefined;
    const topic = new Topic(this, 'AlertTopic', { enforceSSL: true });
    topic.addSubscription(new EmailSubscription(alarmEmail));
    return topic;
  }

  #securityGroup(settings: Settings, site: Site): CollectorSecurityGroup {
    const group = new CollectorSecurityGroup(this, 'CollectorSecurityGroup', site);
    const targets = existingSecurityGroups(this, settings);
    for (const target of targets) group.scrape(target, settings.scrapePorts);
    if (targets.length === 0) group.scrapeAnywhere(settings.scrapePorts);
    return group;
  }

  #grafana({ deployment, logRetentionDays }: Settings): void {
    const grafana = new GrafanaWorkspace(this, 'Grafana', {
      name: deployment,
      metrics: this.workspace,
      logRetention: logRetentionDays,
    });
    this.#output(
      'GrafanaUrl',
      `https://${grafana.endpoint}`,
      'Assign users to it in the console of Amazon Managed Grafana',
    );
  }

  #output(id: string, value: string, description: string): void {
    new CfnOutput(this, id, { value, description });
  }
}

/** The same topic as that of the discovery's alarms. */
function alarmAction(scope: Construct, { deployment, alarmEmail, alarmTopicArn }: Settings): IAlarmAction | undefined {
  if (alarmEmail !== undefined) return tellByEmailToo(scope, 'AlarmTopic', deployment);
  return alarmTopicArn === undefined ? undefined : tellTopic(scope, 'AlarmTopic', alarmTopicArn);
}
