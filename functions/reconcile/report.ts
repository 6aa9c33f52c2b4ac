/** What the reconciling code tells its operator; the Lambdas bind it to logs and metrics. */
export interface Report {
  info(message: string, fields: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Adds to a metric of a cluster; `reason` where the metric is broken down by it. */
  count(metric: string, value: number, dimensions: { readonly cluster: string; readonly reason?: string }): void;
}
