/** The whole discovery as one construct, for this project's app and for anybody else's. */
import { type CustomResource, Stack, Token } from 'aws-cdk-lib';
import type { Alarm, Dashboard as CloudWatchDashboard, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IService } from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { METRICS } from '../../functions/discovery/metric-names.ts';
import { DEFAULT_DEPLOYMENT, ENVIRONMENT } from '../../functions/discovery/names.ts';
import { refuse } from '../props/problems.ts';
import type { DiscoveryFunction, FunctionHosting } from './discovery-function.ts';
import { DEFAULT_SHARDS, type EcsPrometheusDiscoveryProps, problemsOfDiscovery } from './discovery-props.ts';
import { Sources } from './elsewhere/sources.ts';
import type { GrantTarget } from './grant-target.ts';
import { Alarms } from './monitoring/alarms.ts';
import { Dashboard } from './monitoring/dashboard.ts';
import { stageMetric } from './monitoring/metrics.ts';
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
import { DefinitionsParameters } from './resync/definitions-parameters.ts';
import { Resync } from './resync/resync.ts';
import { ShardParameters } from './store/shard-parameters.ts';
import { Store } from './store/store.ts';
import { TargetsChanged } from './targets-changed.ts';
import { clusterId, problemOfPlace, type WatchedCluster } from './watched-cluster.ts';

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
  /** None where they are turned off. */
  readonly alarms: readonly Alarm[];
  /** Undefined where it is turned off. */
  readonly dashboard: CloudWatchDashboard | undefined;
  readonly #shards: ShardParameters;
  /** Deregisters everything when the deployment is deleted; undefined where Cloud Map is not used. */
  readonly registrationCleanup: RegistrationCleanup | undefined;

  constructor(scope: Construct, id: string, props: EcsPrometheusDiscoveryProps) {
    super(scope, id);
    refuse(this, problemsOfDiscovery(props));
    const { clusters, deployment = DEFAULT_DEPLOYMENT, logRetention = RetentionDays.ONE_MONTH } = props;
    refuse(
      this,
      clusters.flatMap((cluster) => problemOfPlace(this, cluster) ?? []),
    );
    const { partition, region, account } = Stack.of(this);
    refuse(this, problemsOfName(this, deployment));
    this.deployment = deployment;
    const hosting = { logRetention, network: props.functionNetwork };
    this.clusters = clusters;

    const {
      shards = DEFAULT_SHARDS,
      shardTier = 'Advanced',
      namespaces: namespaceNames = [],
      namespacesParameter,
    } = props;
    const { scrapeRules = [], dockerLabels = [], healthyOnly = false } = props;
    const labels = labelsOf(props);
    this.#shards = new ShardParameters(this, 'Shards', { deployment, clusters, shards, tier: shardTier });
    const size = { clusters: clusters.length, shards };
    const definitions = new DefinitionsParameters(this, 'Definitions', { deployment, tier: shardTier, ...size });
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
    const found = [this.#shards, definitions, namespaces, this.observe, this.store, this.targetsChanged];
    this.resync.schedule?.node.addDependency(...found, ...(this.register ? [this.register] : []));

    const functions = [this.observe, this.store, this.resync, ...(this.register ? [this.register] : [])];
    for (const { function: lambda } of functions) {
      this.#shards.describe(lambda);
      namespaces.describe(lambda);
      lambda.addEnvironment(ENVIRONMENT.here, `arn:${partition}:ecs:${region}:${account}`);
      lambda.addEnvironment(ENVIRONMENT.shardTier, shardTier);
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
    definitions.grantReadWrite(this.resync.function);
    if (namespaces.parameterName !== undefined) grantListInstances(this, this.resync.function);
    // Before it adds a task that was observed a while ago, it looks whether the task still runs.
    grantDescribeTasks(this.store.function, clusters);
    for (const { function: lambda } of [this.observe, this.store, this.resync]) this.sources?.grantLook(lambda);
    for (const { function: lambda } of [this.store, this.resync]) this.#shards.grantReadWrite(lambda);
    for (const { function: lambda } of [this.observe, this.store, this.resync])
      this.targetsChanged.grantPublish(lambda);
    this.registrationCleanup = this.#cleansUp(namespaces, hosting);
    const { alarms = true, dashboard = true, alarmAction } = props;
    this.alarms = alarms ? new Alarms(this, 'Alarms', { ...this.#parts(), action: alarmAction }).all : [];
    this.dashboard = dashboard ? this.#dashboard() : undefined;
  }

  /** Allows a target-sync to wait for changes as the given collector, counted from 0, and to read the targets. */
  grantSync(grantee: GrantTarget, collector: number): void {
    this.targetsChanged.grantWait(grantee, collector);
    this.#shards.describe(grantee);
    this.#shards.grantRead(grantee);
  }

  /** Allows to read the targets where store keeps them: SSM parameters `/<deployment>/<cluster>/targets/<shard>`. */
  grantReadTargets(grantee: IGrantable): Grant {
    return this.#shards.grantRead(grantee);
  }

  /** Allows to start a resync: to invoke the function of {@link resync}, `{"dryRun": true}` to only compare. */
  grantResync(grantee: IGrantable): Grant {
    return this.resync.function.grantInvoke(grantee);
  }

  /**
   * Targets of a cluster, counted by each resync.
   * @default - the largest of 5 minutes
   */
  metricTargets(cluster: WatchedCluster, options: MetricOptions = {}): Metric {
    return stageMetric(METRICS.targets, 'resync', this.deployment, cluster.clusterName).with(options);
  }

  /**
   * Milliseconds from the change of a task to its announcement.
   * @default - p99 of 5 minutes
   */
  metricEventAge(cluster: WatchedCluster, options: MetricOptions = {}): Metric {
    return stageMetric(METRICS.eventAge, 'observe', this.deployment, cluster.clusterName).with(options);
  }

  /**
   * Tasks that a resync had to add, change or remove, because events missed them.
   * @default - sum of 5 minutes
   */
  metricDrift(cluster: WatchedCluster, options: MetricOptions = {}): Metric {
    return stageMetric(METRICS.drift, 'resync', this.deployment, cluster.clusterName).with(options);
  }

  /**
   * Size of the fullest shard, in percent of what its parameter holds.
   * @default - the largest of 5 minutes
   */
  metricShardFullness(cluster: WatchedCluster, options: MetricOptions = {}): Metric {
    return stageMetric(METRICS.fullness, 'store', this.deployment, cluster.clusterName).with(options);
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

  #dashboard(): CloudWatchDashboard {
    // Dashboards are global to an account: the same deployment in two Regions needs two names.
    const dashboardName = `${this.deployment}-${Stack.of(this).region}`;
    return new Dashboard(this, 'Dashboard', { ...this.#parts(), dashboardName, alarms: this.alarms }).dashboard;
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

/** Parameters, topic, dashboard and the like are named after the deployment, and AWS takes a name once. */
function problemsOfName(discovery: EcsPrometheusDiscovery, deployment: string): string[] {
  const own = Stack.of(discovery);
  const isKnown = !Token.isUnresolved(own.account) && !Token.isUnresolved(own.region);
  const isHere = (its: Stack): boolean =>
    its === own || (isKnown && its.account === own.account && its.region === own.region);
  return discovery.node.root.node
    .findAll()
    .flatMap((other) =>
      other !== discovery &&
      other instanceof EcsPrometheusDiscovery &&
      other.deployment === deployment &&
      isHere(Stack.of(other))
        ? [
            `deployment is ${deployment}, as that of ${other.node.path} in the same account and Region: give one of them another`,
          ]
        : [],
    );
}
