/** The whole discovery as one construct, for this project's app and for anybody else's. */
import type { CustomResource } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IService } from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { DEFAULT_DEPLOYMENT, ENVIRONMENT } from '../../functions/discovery/names.ts';
import type { ScrapeRule } from '../../functions/discovery/selection/scrape-rule.ts';
import type { ExtraLabel } from '../../functions/discovery/target/labels.ts';
import type { DiscoveryFunction } from './discovery-function.ts';
import type { Recipient } from './grant-target.ts';
import { Alarms } from './monitoring/alarms.ts';
import { Dashboard } from './monitoring/dashboard.ts';
import { grantDescribeTasks, grantListTasks } from './observe/ecs-access.ts';
import { TaskChange } from './observe/observe.ts';
import { grantReadCloudMap, grantRegister } from './register/cloud-map-access.ts';
import { NamespacesParameter } from './register/namespaces-parameter.ts';
import { RegistrationCleanup } from './register/registration-cleanup.ts';
import { Resync } from './resync/resync.ts';
import { ShardParameters } from './store/shard-parameters.ts';
import { TargetsChanged } from './targets-changed.ts';
import { clusterId, type WatchedCluster } from './watched-cluster.ts';

export interface EcsPrometheusDiscoveryProps {
  /** The ECS clusters to watch, at least one; they need not be of this app (see `ClusterByName`). */
  readonly clusters: readonly WatchedCluster[];
  /**
   * Name of the deployment: prefix of its SSM parameters, and the value of the owner tag on its Cloud Map services.
   * @default 'ecs-prometheus-discovery'
   */
  readonly deployment?: string;
  /**
   * SSM parameters that hold the targets of one cluster.
   * @default 4
   */
  readonly shards?: number;
  /**
   * SSM tier of those parameters: `Advanced` holds 8 KB each ($0.05 a month each), `Standard` 4 KB, free.
   * @default 'Advanced'
   */
  readonly shardTier?: 'Advanced' | 'Standard';
  /**
   * Names of the Cloud Map namespaces whose services say how to scrape, and in which tasks are registered.
   * @default - those in `namespacesParameter`, if any: otherwise Cloud Map is not used
   */
  readonly namespaces?: readonly string[];
  /**
   * Name of the SSM parameter that lists the namespaces. Without `namespaces`: of one that exists and is left as it is.
   * @default - 'ECS-ServiceDiscovery-Namespaces' with `namespaces`, otherwise none
   */
  readonly namespacesParameter?: string | undefined;
  /**
   * How to scrape tasks that have neither docker labels nor tags.
   * @default - such tasks are not scraped
   */
  readonly scrapeRules?: readonly ScrapeRule[];
  /**
   * Names of docker labels that become labels of the targets; `*` stands for any characters.
   * @default - none
   */
  readonly dockerLabels?: readonly string[];
  /**
   * Labels of every target besides those that it always has.
   * @default - none
   */
  readonly extraLabels?: readonly ExtraLabel[];
  /**
   * Keys of tags of ECS tasks and services that become labels of the targets; `*` stands for any characters.
   * @default - none
   */
  readonly tagLabels?: readonly string[];
  /**
   * Whether targets carry the labels `__meta_ecs_…` of Prometheus' own ECS discovery and of the ECS observer.
   * @default false
   */
  readonly metaLabels?: boolean;
  /**
   * Whether a task that has a health check is a target only while ECS says that it is healthy.
   * @default false
   */
  readonly healthyOnly?: boolean;
  /**
   * How often resync compares everything with ECS; `off`: only when somebody invokes it.
   * @default 'rate(3 hours)'
   */
  readonly resyncSchedule?: string;
  /**
   * Largest share of a cluster's targets, in percent, that one resync removes without `force`.
   * @default 50
   */
  readonly resyncRemovalLimitPercent?: number;
  /**
   * Number of collectors that split the targets.
   * @default 1
   */
  readonly collectors?: number;
  /**
   * How long logs are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
  /**
   * Whether to make the CloudWatch alarms.
   * @default true
   */
  readonly alarms?: boolean;
  /**
   * Who is told of alarms.
   * @default - nobody: the alarms only show their state
   */
  readonly alarmAction?: IAlarmAction | undefined;
  /**
   * Whether to make the CloudWatch dashboard, named like the deployment.
   * @default true
   */
  readonly dashboard?: boolean;
}

export class EcsPrometheusDiscovery extends Construct {
  readonly deployment: string;
  readonly clusters: readonly WatchedCluster[];
  readonly taskChange: TaskChange;
  readonly resync: Resync;
  readonly targetsChanged: TargetsChanged;
  readonly #shards: ShardParameters;
  /** Takes registrations out of Cloud Map; undefined where Cloud Map is not used. */
  readonly registrationCleanup: RegistrationCleanup | undefined;

  constructor(scope: Construct, id: string, props: EcsPrometheusDiscoveryProps) {
    super(scope, id);
    const { clusters, deployment = DEFAULT_DEPLOYMENT, logRetention = RetentionDays.ONE_MONTH } = props;
    if (clusters.length === 0) throw new Error('EcsPrometheusDiscovery needs at least one cluster to watch');
    this.deployment = deployment;
    this.clusters = clusters;

    const { shards = 4, namespaces: namespaceNames = [], namespacesParameter } = props;
    const { scrapeRules = [], dockerLabels = [], healthyOnly = false } = props;
    const labels = labelsOf(props);
    this.#shards = new ShardParameters(this, 'Shards', {
      deployment,
      clusters,
      shards,
      tier: props.shardTier ?? 'Advanced',
    });
    const namespaces = new NamespacesParameter(this, 'Namespaces', {
      namespaces: namespaceNames,
      parameterName: namespacesParameter,
    });
    this.targetsChanged = new TargetsChanged(this, 'TargetsChanged', { deployment, collectors: props.collectors ?? 1 });
    this.taskChange = new TaskChange(this, 'TaskChange', { clusters, logRetention });
    const { resyncSchedule = 'rate(3 hours)', resyncRemovalLimitPercent = 50 } = props;
    this.resync = new Resync(this, 'Resync', {
      schedule: resyncSchedule === 'off' ? undefined : resyncSchedule,
      basis: [
        ...[deployment, clusters.map(clusterId), shards, namespaceNames, namespacesParameter],
        ...[scrapeRules, ...dockerLabels],
        ...(healthyOnly ? ['healthyOnly'] : []),
        ...(labels === undefined ? [] : [labels]),
      ],
      logRetention,
    });
    // The first run must find what it reads, and a task that starts meanwhile must find the queue.
    this.resync.schedule?.node.addDependency(this.#shards, namespaces, this.taskChange, this.targetsChanged);

    for (const lambda of [this.taskChange.function, this.resync.function]) {
      this.#grantReconcile(lambda, namespaces);
      lambda.addEnvironment(ENVIRONMENT.scrapeRules, JSON.stringify(scrapeRules));
      if (labels !== undefined) lambda.addEnvironment(ENVIRONMENT.labels, labels);
      if (healthyOnly) lambda.addEnvironment(ENVIRONMENT.healthyOnly, 'true');
      if (dockerLabels.length > 0) lambda.addEnvironment(ENVIRONMENT.dockerLabels, dockerLabels.join(','));
      lambda.addEnvironment(ENVIRONMENT.resyncRemovalLimitPercent, String(resyncRemovalLimitPercent));
    }
    grantListTasks(this.resync.function, clusters);
    this.registrationCleanup = this.#cleansUp(namespaces, logRetention);
    this.#watch(props);
  }

  /** Allows a target-sync to wait for changes as the given collector, counted from 0, and to read the targets. */
  grantSync(recipient: Recipient, collector: number): void {
    this.targetsChanged.grantWait(recipient, collector);
    this.#shards.grantRead(recipient);
  }

  /**
   * Empties a Cloud Map service that this discovery owns when the returned resource is deleted.
   *
   * @throws Error when the discovery does not use Cloud Map
   */
  emptyOnDelete(scope: Construct, id: string, service: IService): CustomResource {
    if (this.registrationCleanup === undefined) {
      throw new Error(`${this.deployment} registers nothing in Cloud Map: give it the namespaces of the service.`);
    }
    return this.registrationCleanup.emptyOnDelete(scope, id, service);
  }

  /** At the end of the deployment, when nothing registers any more, nothing it registered stays. */
  #cleansUp(namespaces: NamespacesParameter, logRetention: RetentionDays): RegistrationCleanup | undefined {
    if (namespaces.parameterName === undefined) return undefined;
    const { deployment } = this;
    const cleanup = new RegistrationCleanup(this, 'RegistrationCleanup', { deployment, namespaces, logRetention });
    const emptied = cleanup.emptyOnDelete(this, 'Registrations');
    this.taskChange.node.addDependency(emptied);
    this.resync.node.addDependency(emptied);
    return cleanup;
  }

  #grantReconcile(lambda: DiscoveryFunction, namespaces: NamespacesParameter): void {
    grantDescribeTasks(this, lambda, this.clusters);
    this.#shards.grantReadWrite(lambda);
    this.targetsChanged.grantPublish(lambda);
    namespaces.grantRead(lambda);
    if (namespaces.parameterName === undefined) return;
    grantReadCloudMap(this, lambda);
    grantRegister(this, lambda, this.deployment);
  }

  #watch({ alarms = true, dashboard = true, alarmAction }: EcsPrometheusDiscoveryProps): void {
    const made = alarms ? new Alarms(this, 'Alarms', { ...this.#parts(), action: alarmAction }).all : [];
    if (!dashboard) return;
    new Dashboard(this, 'Dashboard', { ...this.#parts(), dashboardName: this.deployment, alarms: made });
  }

  #parts() {
    const { clusters, taskChange, resync, targetsChanged } = this;
    return { clusters, taskChange, resync, targetsChanged };
  }
}

/** The labels that are asked for, as the functions read them; undefined where there are none. */
function labelsOf({
  extraLabels = [],
  tagLabels = [],
  metaLabels = false,
}: EcsPrometheusDiscoveryProps): string | undefined {
  if (extraLabels.length === 0 && tagLabels.length === 0 && !metaLabels) return undefined;
  return JSON.stringify({
    ...(extraLabels.length > 0 && { extra: extraLabels }),
    ...(tagLabels.length > 0 && { tags: tagLabels }),
    ...(metaLabels && { meta: true }),
  });
}
