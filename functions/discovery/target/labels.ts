/**
 * Labels of a scrape target. `cluster` … `instance` are the names the reference system gave its users' dashboards;
 * `port` keeps two targets of one task apart, which share all the others, and `metrics_path` two on one port.
 */
export const LABELS = {
  cluster: 'cluster',
  service: 'service',
  taskDefinition: 'taskdefinition',
  namespace: 'namespace',
  taskId: 'taskid',
  instance: 'instance',
  port: 'port',
  container: 'container',
  job: 'job',
  metricsPath: '__metrics_path__',
  /** Only on targets that share their port with another of their task: Prometheus keeps `__metrics_path__` to itself. */
  sharedPortPath: 'metrics_path',
  scheme: '__scheme__',
} as const;

/** Labels that the settings may ask for besides, in the order in which they are written. */
export const EXTRA_LABELS = [
  'availability_zone',
  'launch_type',
  'revision',
  'started_by',
  'account',
  'region',
] as const;

export type ExtraLabel = (typeof EXTRA_LABELS)[number];

/** Before the name of a parameter of the request's query: `__param_format`. */
export const PARAMETER_LABEL = '__param_';

export type Labels = Readonly<Record<string, string>>;

/** A name that every version of Prometheus takes (Prometheus documentation, data model). */
export const isLabelName = (name: string): boolean => /^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name);

const OWN_LABELS: ReadonlySet<string> = new Set([...Object.values(LABELS), ...EXTRA_LABELS]);

/** Whether a workload or a rule may set this label: it is none of ours, and none that Prometheus keeps to itself. */
export const isFreeLabel = (name: string): boolean =>
  isLabelName(name) && !name.startsWith('__') && !OWN_LABELS.has(name);

/** The labels of a target that are parameters of its request, as a query: `format=text`; empty where there are none. */
export function queryOf(labels: Labels): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(labels)) {
    if (name.startsWith(PARAMETER_LABEL)) query.append(name.slice(PARAMETER_LABEL.length), value);
  }
  return query.toString();
}

/** Labels beginning with `__` that a target may carry: those that say how to scrape it. */
const SCRAPE_LABELS: readonly string[] = [LABELS.metricsPath, LABELS.scheme];
/** Meta labels, which exist for relabelling and are dropped after it. */
const META_PREFIX = '__meta_';

/** Whether a label of this name may stand on a target (Prometheus documentation, "Data model"; `__` is reserved there). */
export const isLabelAllowed = (name: string): boolean =>
  isLabelName(name) &&
  (!name.startsWith('__') ||
    SCRAPE_LABELS.includes(name) ||
    name.startsWith(PARAMETER_LABEL) ||
    name.startsWith(META_PREFIX));
