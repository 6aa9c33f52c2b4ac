/**
 * Labels of a scrape target. `cluster` … `instance` are the names the reference system gave its users' dashboards;
 * `port` keeps two targets of one task apart, which share all the others.
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
  scheme: '__scheme__',
} as const;

export type Labels = Readonly<Record<string, string>>;
