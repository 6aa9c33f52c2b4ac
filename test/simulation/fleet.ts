/** What runs on the simulated ECS, and what must be scraped of it; written down a second time, not taken from the product. */
import type { ScrapeRule } from '../../functions/discovery/selection/scrape-rule.ts';
import { hostAddress, type SimulatedTask, type TaskDefinitionSpec } from './aws/ecs.ts';

export const DEPLOYMENT = 'discovery';
export const OWNER = 'ecs-prometheus-discovery:owner';
export const NAMESPACES_PARAMETER = 'namespaces';
export const NAMESPACE = 'internal';

/** A kind of workload: one for each way to say how to scrape a task. */
export interface Workload {
  readonly name: string;
  readonly definition: TaskDefinitionSpec;
  /** Undefined for standalone tasks. */
  readonly service: string | undefined;
  /** What must be scraped of a task; empty where nothing selects it. */
  readonly endpoints: (task: SimulatedTask) => readonly { readonly port: number; readonly labels: Labels }[];
  readonly namespace?: string;
  /** Id of the Cloud Map service that tasks must be registered in. */
  readonly registry?: string;
}

type Labels = Readonly<Record<string, string>>;

const definition = (
  family: string,
  dockerLabels: Labels = {},
  networkMode: 'awsvpc' | 'bridge' = 'awsvpc',
): TaskDefinitionSpec => ({ family, networkMode, container: 'app', dockerLabels, containerPorts: [8080] });

export const WORKLOADS: readonly Workload[] = [
  {
    name: 'labelled',
    service: 'web',
    definition: definition('web', {
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
    definition: definition('api'),
    endpoints: () => [{ port: 3000, labels: { __metrics_path__: '/work' } }],
    namespace: NAMESPACE,
    registry: 'srv-api',
  },
  {
    name: 'bridge',
    service: 'legacy',
    definition: definition('legacy', { ECS_PROMETHEUS_EXPORTER_PORT: '8080' }, 'bridge'),
    endpoints: (task) => [
      { port: task.versions.at(-1)?.hostPort ?? 0, labels: { __metrics_path__: '/metrics', container: 'app' } },
    ],
  },
  {
    name: 'ruled',
    service: undefined,
    definition: definition('job-nightly'),
    endpoints: () => [{ port: 8080, labels: { __metrics_path__: '/x', job: 'jobs' } }],
  },
  {
    name: 'tagged',
    service: 'shop',
    definition: definition('shop'),
    endpoints: () => [
      { port: 80, labels: { __metrics_path__: '/m' } },
      { port: 9779, labels: { __metrics_path__: '/e' } },
    ],
    namespace: NAMESPACE,
  },
  { name: 'silent', service: 'quiet', definition: definition('quiet'), endpoints: () => [] },
];

export const SCRAPE_RULES: ScrapeRule[] = [{ taskDefinition: 'job-*', port: 8080, path: '/x', job: 'jobs' }];

/** Cloud Map services: one is ours, the others belong to ECS, to a team, to another deployment. */
export const CLOUD_MAP_SERVICES = [
  { id: 'srv-api', name: 'api', tags: { [OWNER]: DEPLOYMENT, METRICS_PORT: '3000', METRICS_PATH: '/work' } },
  {
    id: 'srv-shop-ecs',
    name: 'shop-sd',
    tags: { METRICS_PATH: '/m', ECS_METRICS_PORT: '9779', ECS_METRICS_PATH: '/e' },
  },
  { id: 'srv-web-team', name: 'web', tags: { team: 'web' } },
  { id: 'srv-legacy-other', name: 'legacy', tags: { [OWNER]: 'another-deployment' } },
].map((service) => ({ ...service, namespaceId: 'ns-1' }));

/** ECS registers these tasks by itself. */
export const MANAGED_REGISTRIES = [{ service: 'shop', registry: 'srv-shop-ecs' }] as const;

export const workloadOf = (task: SimulatedTask): Workload => {
  const found = WORKLOADS.find((workload) => workload.definition.family === task.definition.family);
  if (!found) throw new Error(`no workload has family ${task.definition.family}`);
  return found;
};

/** The targets of a task as a target file must show them, sorted; an empty text where there are none. */
export function expectedTargets(task: SimulatedTask): string {
  const workload = workloadOf(task);
  const address = task.containerInstance === undefined ? task.address : hostAddress(task.containerInstance);
  return canonical(
    workload.endpoints(task).map(({ port, labels }) => ({
      targets: [`${address}:${port}`],
      labels: {
        cluster: task.cluster,
        ...(task.service !== undefined && { service: task.service }),
        taskdefinition: task.definition.family,
        ...(workload.namespace !== undefined && { namespace: workload.namespace }),
        taskid: task.id,
        instance: address,
        port: String(port),
        ...labels,
      },
    })),
  );
}

export interface Group {
  readonly targets: readonly string[];
  readonly labels: Labels;
}

/** Target groups as text that does not depend on any order. */
export const canonical = (groups: readonly Group[]): string =>
  groups
    .map(({ targets, labels }) => {
      const pairs = Object.keys(labels)
        .sort()
        .map((name) => `${name}=${labels[name]}`);
      return `${targets.join()} ${pairs.join(' ')}`;
    })
    .sort()
    .join('\n');

/** The groups of a shard or a file by task. */
export const byTask = (groups: readonly Group[]): Map<string, string> =>
  new Map([...Map.groupBy(groups, ({ labels }) => labels['taskid'] ?? '')].map(([id, some]) => [id, canonical(some)]));
