/** What runs on the simulated ECS, and what must be scraped of it; written down a second time, not taken from the product. */
import { clusterElsewhere } from '../../functions/discovery/cluster/cluster-key.ts';
import type { NetworkMode, Task } from '../../infra/local/ecs/model.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../../infra/local/loopback.ts';
import type { SimulatedEcs } from './aws/ecs.ts';
import { canonical, type Group, type Labels } from './judge/target-groups.ts';

export const DEPLOYMENT = 'discovery';
export const EXTERNAL_ID = 'x-1';
export const OWNER = 'ecs-prometheus-discovery:owner';
export const NAMESPACES_PARAMETER = 'namespaces';
export const NAMESPACE = 'internal';

/** A kind of workload: one for each way to say how to scrape a task. */
export interface Workload {
  readonly name: string;
  readonly family: string;
  readonly networkMode: NetworkMode;
  readonly dockerLabels: Labels;
  /** Undefined for standalone tasks. */
  readonly service?: string;
  /** Id of the Cloud Map service in which ECS registers the tasks by itself. */
  readonly managedBy?: string;
  /** What must be scraped of a task; empty where nothing selects it. */
  readonly endpoints: (task: Described) => readonly { readonly port: number; readonly labels: Labels }[];
  readonly namespace?: string;
  /** Id of the Cloud Map service that tasks must be registered in. */
  readonly registeredIn?: string;
}

const PORT = 8080;
const hostPort = (task: Described): number => task.bindings?.[0]?.hostPort ?? 0;
const awsvpc = (family: string, dockerLabels: Labels = {}) => ({
  family,
  dockerLabels,
  networkMode: 'awsvpc' as const,
});
const bridge = (family: string, dockerLabels: Labels = {}) => ({
  family,
  dockerLabels,
  networkMode: 'bridge' as const,
});

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'labelled',
    service: 'web',
    ...awsvpc('web', {
      PROMETHEUS_EXPORTER_PORT: '9090',
      PROMETHEUS_EXPORTER_JOB_NAME: 'web',
      PROMETHEUS_EXPORTER_PORT_admin: '9091',
      PROMETHEUS_EXPORTER_PATH_admin: '/stats',
    }),
    endpoints: () => [
      { port: 9090, labels: { __metrics_path__: '/metrics', container: 'app', job: 'web' } },
      { port: 9091, labels: { __metrics_path__: '/stats', container: 'app' } },
    ],
  },
  {
    name: 'registered',
    service: 'api',
    ...awsvpc('api'),
    endpoints: () => [{ port: 3000, labels: { __metrics_path__: '/work' } }],
    namespace: NAMESPACE,
    registeredIn: 'srv-api',
  },
  {
    name: 'bridge',
    service: 'legacy',
    ...bridge('legacy', { ECS_PROMETHEUS_EXPORTER_PORT: String(PORT) }),
    endpoints: (task) => [{ port: hostPort(task), labels: { __metrics_path__: '/metrics', container: 'app' } }],
  },
  {
    name: 'registered bridge',
    service: 'edge',
    ...bridge('edge'),
    endpoints: (task) => [{ port: hostPort(task), labels: { __metrics_path__: '/edge' } }],
    namespace: NAMESPACE,
    registeredIn: 'srv-edge',
  },
  {
    name: 'ruled',
    ...awsvpc('job-nightly'),
    endpoints: () => [{ port: 8080, labels: { __metrics_path__: '/x', job: 'jobs' } }],
  },
  {
    name: 'tagged',
    service: 'shop',
    managedBy: 'srv-shop-ecs',
    ...awsvpc('shop'),
    endpoints: () => [
      { port: 80, labels: { __metrics_path__: '/m' } },
      { port: 9779, labels: { __metrics_path__: '/e' } },
    ],
    namespace: NAMESPACE,
  },
  { name: 'silent', service: 'quiet', ...awsvpc('quiet'), endpoints: () => [] },
];

export const SCRAPE_RULES = [{ taskDefinition: 'job-*', port: PORT, path: '/x', job: 'jobs' }];

/** Two namespaces of one name, in two VPCs; the services of the first come from {@link CLOUD_MAP_SERVICES}. */
export const NAMESPACES = { 'ns-1': NAMESPACE, 'ns-2': NAMESPACE } as const;

/** Cloud Map services: two are ours, the others belong to ECS, to a team, to another deployment, to another VPC. */
export const CLOUD_MAP_SERVICES = [
  ['ns-1', 'srv-api', 'api', { [OWNER]: DEPLOYMENT, METRICS_PORT: '3000', METRICS_PATH: '/work' }],
  ['ns-1', 'srv-edge', 'edge', { [OWNER]: DEPLOYMENT, METRICS_PORT: String(PORT), METRICS_PATH: '/edge' }],
  ['ns-1', 'srv-shop-ecs', 'shop-sd', { METRICS_PATH: '/m', ECS_METRICS_PORT: '9779', ECS_METRICS_PATH: '/e' }],
  ['ns-1', 'srv-web-team', 'web', { team: 'web' }],
  ['ns-1', 'srv-legacy-other', 'legacy', { [OWNER]: 'another-deployment' }],
  ['ns-2', 'srv-other-vpc', 'billing', { team: 'billing' }],
].map(
  ([namespaceId, id, name, tags]) =>
    ({ namespaceId, id, name, tags }) as {
      readonly namespaceId: string;
      readonly id: string;
      readonly name: string;
      readonly tags: Labels;
    },
);

/** Cloud Map services that nobody but their owners may change, with what is in them from the start. */
export const FOREIGN_INSTANCES: Readonly<Record<string, string>> = {
  'srv-web-team': 'theirs',
  'srv-legacy-other': 'another',
  'srv-other-vpc': 'far',
};

/** Registers what the workloads need in a cluster. */
export function equip(ecs: SimulatedEcs, cluster: string): void {
  for (const { family, networkMode, dockerLabels, service: name, managedBy } of WORKLOADS) {
    const portMappings = [{ containerPort: PORT, protocol: 'tcp' }];
    const container = { name: 'app', image: 'app:1', dockerLabels, portMappings, environment: [] };
    const size = { cpu: '256', memory: '512', networkMode };
    const taskDefinition = ecs.plane(cluster).registerTaskDefinition(family, [container], size);
    const registryArn = `arn:aws:servicediscovery:${LOCAL_REGION}:${LOCAL_ACCOUNT}:service/${managedBy}`;
    const serviceRegistries = managedBy === undefined ? [] : [{ registryArn }];
    if (name !== undefined) ecs.addService({ name, taskDefinition, serviceRegistries }, cluster);
  }
}

export const workloadOf = (task: Described): Workload => {
  const found = WORKLOADS.find(({ family }) => family === task.taskDefinition.family);
  if (!found) throw new Error(`no workload has family ${task.taskDefinition.family}`);
  // Cloud Map neither selects nor registers tasks of another account or Region.
  const usesCloudMap = found.namespace !== undefined || found.registeredIn !== undefined;
  if (!usesCloudMap || !clusterElsewhere(task.cluster)) return found;
  const { namespace, registeredIn, ...workload } = found;
  return { ...workload, endpoints: () => [] };
};

/** The private address of the host of a task that has none of its own. */
export const hostAddress = (instanceId: string): string => {
  const place = Number.parseInt(instanceId.slice(-2), 16);
  return `172.16.${instanceId.length}.${place}`;
};

export const addressOf = (task: Described): string => task.address ?? hostAddress(`i-${task.containerInstance}`);

/** What {@link groupsOf} must know of a task. */
export type Described = Pick<Task, 'id' | 'cluster' | 'service' | 'address' | 'containerInstance' | 'bindings'> & {
  readonly taskDefinition: Pick<Task['taskDefinition'], 'family'>;
};

/** The target groups of a task as a target file must show them. */
export function groupsOf(task: Described): Group[] {
  const { endpoints, namespace } = workloadOf(task);
  const address = addressOf(task);
  const elsewhere = clusterElsewhere(task.cluster);
  return endpoints(task).map(({ port, labels }) => ({
    targets: [`${address}:${port}`],
    labels: {
      cluster: elsewhere?.name ?? task.cluster,
      ...(elsewhere && { account: elsewhere.account, region: elsewhere.region }),
      ...(task.service !== undefined && { service: task.service }),
      taskdefinition: task.taskDefinition.family,
      ...(namespace !== undefined && { namespace }),
      taskid: task.id,
      instance: address,
      port: String(port),
      ...labels,
    },
  }));
}

/** {@link groupsOf} as text; an empty one where there are none. */
export const expectedTargets = (task: Described): string => canonical(groupsOf(task));
