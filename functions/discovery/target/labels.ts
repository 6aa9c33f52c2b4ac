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

export type Labels = Readonly<Record<string, string>>;

/** Labels beginning with `__` that a target may carry: those that say how to scrape it. */
const SCRAPE_LABELS: readonly string[] = [LABELS.metricsPath, LABELS.scheme];
const PARAMETER_PREFIX = '__param_';
/** Meta labels, which exist for relabelling and are dropped after it. */
const META_PREFIX = '__meta_';

/** Whether a label of this name may stand on a target (Prometheus documentation, "Data model"; `__` is reserved there). */
export const isLabelAllowed = (name: string): boolean =>
  /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) &&
  (!name.startsWith('__') ||
    SCRAPE_LABELS.includes(name) ||
    name.startsWith(PARAMETER_PREFIX) ||
    name.startsWith(META_PREFIX));
