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
