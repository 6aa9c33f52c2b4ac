/** The whole discovery as one construct, for this project's app and for anybody else's. */
import { type CustomResource, Stack } from 'aws-cdk-lib';
import type { IAlarmAction } from 'aws-cdk-lib/aws-cloudwatch';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IService } from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { DEFAULT_DEPLOYMENT, ENVIRONMENT } from '../../functions/discovery/names.ts';
import type { ScrapeRule } from '../../functions/discovery/selection/scrape-rule.ts';
import type { ExtraLabel } from '../../functions/discovery/target/labels.ts';
import type { DiscoveryFunction, FunctionHosting, FunctionNetwork } from './discovery-function.ts';
import { Sources } from './elsewhere/sources.ts';
import type { GrantTarget } from './grant-target.ts';
import { Alarms } from './monitoring/alarms.ts';
import { Dashboard } from './monitoring/dashboard.ts';
import {
  grantDescribeClusters,
  grantDescribeScraping,
  grantDescribeServices,
  grantDescribeTasks,
  grantListTasks,
} from './observe/ecs-access.ts';
import { Observe } from './observe/observe.ts';
import { grantFindServices, grantListInstances, grantRegister } from './register/cloud-map-access.ts';
import { NamespacesParameter } from './register/namespaces-parameter.ts';
import { Register } from './register/register.ts';
import { RegistrationCleanup } from './register/registration-cleanup.ts';
import { Resync } from './resync/resync.ts';
import { ShardParameters } from './store/shard-parameters.ts';
import { Store } from './store/store.ts';
import { TargetsChanged } from './targets-changed.ts';
import { checkWhere, clusterId, type WatchedCluster } from './watched-cluster.ts';

export interface EcsPrometheusDiscoveryProps {
  /**
   * The ECS clusters to watch, at least one; they need not be of this app (see `ClusterByName`), nor of this account and
   * Region (see `ClusterByArn`).
   */
  readonly clusters: readonly WatchedCluster[];
  /**
   * External id by which clusters of other accounts and Regions are looked at; the `EcsClusterSource` there has the same.
   * @default - the name of the deployment
   */
  readonly externalId?: string | undefined;
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
   * Keys of tags of ECS tasks, services and clusters that become labels of the targets; `*` stands for any characters.
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
   * Number of collectors that split the targets: each gets a queue, and an alarm on it. Nobody empties the queue of a
   * collector that does not run, so count only those that do, in `Collectors` or elsewhere.
   * @default 0
   */
  readonly collectors?: number;
  /**
   * How long logs are kept.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
  /**
   * Subnets and security groups for the functions, for organisations that demand it.
   * @default - the functions run outside any VPC of yours
   */
  readonly functionNetwork?: FunctionNetwork | undefined;
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
   * Whether to make the CloudWatch dashboard, named after the deployment and the Region.
   * @default true
   */
  readonly dashboard?: boolean;
}

export class EcsPrometheusDiscovery extends Construct {
  readonly deployment: string;
  readonly clusters: readonly WatchedCluster[];
  readonly observe: Observe;
  readonly store: Store;
  /** Undefined where Cloud Map is not used. */
  readonly register: Register | undefined;
  readonly resync: Resync;
  /** What clusters of other accounts and Regions are watched by; undefined where there are none. */
  readonly sources: Sources | undefined;
  /** The topic that carries every change. */
  readonly targetsChanged: TargetsChanged;
  readonly #shards: ShardParameters;
  /** Deregisters everything when the deployment is deleted; undefined where Cloud Map is not used. */
  readonly registrationCleanup: RegistrationCleanup | undefined;

  constructor(scope: Construct, id: string, props: EcsPrometheusDiscoveryProps) {
    super(scope, id);
    const { clusters, deployment = DEFAULT_DEPLOYMENT, logRetention = RetentionDays.ONE_MONTH } = props;
    if (clusters.length === 0) throw new Error('EcsPrometheusDiscovery needs at least one cluster to watch');
    for (const cluster of clusters) checkWhere(this, cluster);
    const { partition, region, account } = Stack.of(this);
    this.deployment = deployment;
    const hosting = { logRetention, network: props.functionNetwork };
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
    this.targetsChanged = new TargetsChanged(this, 'TargetsChanged', { deployment, collectors: props.collectors ?? 0 });
    this.sources = this.#sourcesOf(clusters, props.externalId ?? deployment);
    this.observe = new Observe(this, 'Observe', { clusters, sourcesBus: this.sources?.bus, ...hosting });
    this.store = new Store(this, 'Store', hosting);
    this.targetsChanged.deliverChanges(this.store.queue);
    this.register = namespaces.parameterName === undefined ? undefined : this.#registers(namespaces, hosting);
    const { resyncSchedule = 'rate(3 hours)', resyncRemovalLimitPercent = 50 } = props;
    this.resync = new Resync(this, 'Resync', {
      schedule: resyncSchedule === 'off' ? undefined : resyncSchedule,
      basis: [
        ...[deployment, clusters.map(clusterId), shards, namespaceNames, namespacesParameter],
        ...[scrapeRules, ...dockerLabels],
        ...(healthyOnly ? ['healthyOnly'] : []),
        ...(labels === undefined ? [] : [labels]),
      ],
      ...hosting,
    });
    // The first run must find what it reads, and what it announces must find its consumers.
    const found = [this.#shards, namespaces, this.observe, this.store, this.targetsChanged];
    this.resync.schedule?.node.addDependency(...found, ...(this.register ? [this.register] : []));

    const functions = [this.observe, this.store, this.resync, ...(this.register ? [this.register] : [])];
    for (const { function: lambda } of functions) {
      this.#shards.describe(lambda);
      namespaces.describe(lambda);
      lambda.addEnvironment(ENVIRONMENT.here, `arn:${partition}:ecs:${region}:${account}`);
      lambda.addEnvironment(ENVIRONMENT.shardTier, props.shardTier ?? 'Advanced');
      lambda.addEnvironment(ENVIRONMENT.scrapeRules, JSON.stringify(scrapeRules));
      if (labels !== undefined) lambda.addEnvironment(ENVIRONMENT.labels, labels);
      if (healthyOnly) lambda.addEnvironment(ENVIRONMENT.healthyOnly, 'true');
      if (dockerLabels.length > 0) lambda.addEnvironment(ENVIRONMENT.dockerLabels, dockerLabels.join(','));
      lambda.addEnvironment(ENVIRONMENT.resyncRemovalLimitPercent, String(resyncRemovalLimitPercent));
    }
    this.#grantLooks(this.observe.function, namespaces);
    this.#grantLooks(this.resync.function, namespaces);
    const looking = [this.observe, this.resync, ...(this.register ? [this.register] : [])];
    const readsTags = (props.tagLabels ?? []).length > 0 || (props.metaLabels ?? false);
    for (const { function: lambda } of looking) {
      if (readsTags) grantDescribeClusters(lambda, clusters);
      if (readsTags || namespaces.parameterName !== undefined) grantDescribeServices(lambda, clusters);
    }
    grantListTasks(this.resync.function, clusters);
    if (namespaces.parameterName !== undefined) grantListInstances(this, this.resync.function);
    // Before it adds a task that was observed a while ago, it looks whether the task still runs.
    grantDescribeTasks(this.store.function, clusters);
    for (const { function: lambda } of [this.observe, this.store, this.resync]) this.sources?.grantLook(lambda);
    for (const { function: lambda } of [this.store, this.resync]) this.#shards.grantReadWrite(lambda);
    for (const { function: lambda } of [this.observe, this.store, this.resync])
      this.targetsChanged.grantPublish(lambda);
    this.registrationCleanup = this.#cleansUp(namespaces, hosting);
    this.#watch(props);
  }

  /** Allows a target-sync to wait for changes as the given collector, counted from 0, and to read the targets. */
  grantSync(grantee: GrantTarget, collector: number): void {
    this.targetsChanged.grantWait(grantee, collector);
    this.#shards.describe(grantee);
    this.#shards.grantRead(grantee);
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

  #sourcesOf(clusters: readonly WatchedCluster[], externalId: string): Sources | undefined {
    const places = new Map(
      clusters.flatMap(({ elsewhere }) =>
        elsewhere ? [[`${elsewhere.region} ${elsewhere.account}`, elsewhere] as const] : [],
      ),
    );
    if (places.size === 0) return undefined;
    return new Sources(this, 'Sources', { deployment: this.deployment, places: [...places.values()], externalId });
  }

  /** At the end of the deployment, when nothing registers any more, nothing it registered stays. */
  #cleansUp(namespaces: NamespacesParameter, hosting: FunctionHosting): RegistrationCleanup | undefined {
    if (this.register === undefined) return undefined;
    const { deployment } = this;
    const cleanup = new RegistrationCleanup(this, 'RegistrationCleanup', { deployment, namespaces, ...hosting });
    this.register.node.addDependency(cleanup.emptyOnDelete(this, 'Registrations'));
    return cleanup;
  }

  #registers(namespaces: NamespacesParameter, hosting: FunctionHosting): Register {
    const register = new Register(this, 'Register', hosting);
    this.targetsChanged.deliverChanges(register.queue);
    this.#grantLooks(register.function, namespaces);
    grantRegister(this, register.function, this.deployment);
    return register;
  }

  /** Allows to look at tasks, and at all that says how to scrape them. */
  #grantLooks(lambda: DiscoveryFunction, namespaces: NamespacesParameter): void {
    grantDescribeTasks(lambda, this.clusters);
    grantDescribeScraping(lambda, this.clusters);
    if (namespaces.parameterName === undefined) return;
    namespaces.grantRead(lambda);
    grantFindServices(lambda);
  }

  #watch({ alarms = true, dashboard = true, alarmAction }: EcsPrometheusDiscoveryProps): void {
    const made = alarms ? new Alarms(this, 'Alarms', { ...this.#parts(), action: alarmAction }).all : [];
    if (!dashboard) return;
    // Dashboards are global to an account: the same deployment in two Regions needs two names.
    const dashboardName = `${this.deployment}-${Stack.of(this).region}`;
    new Dashboard(this, 'Dashboard', { ...this.#parts(), dashboardName, alarms: made });
  }

  #parts() {
    const { deployment, clusters, observe, store, register, resync, targetsChanged } = this;
    return { deployment, clusters, observe, store, register, resync, targetsChanged };
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
