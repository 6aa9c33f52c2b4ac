/** Fields of a log line; the names that every line has already are not for them (Powertools would drop them). */
type LogFields = Readonly<Record<string, unknown>> & {
  readonly [name in 'level' | 'message' | 'sampling_rate' | 'service' | 'timestamp']?: never;
};

/** What the stages say to their operator; the Lambdas bind it to logs and metrics. */
export interface Report {
  info(message: string, fields: LogFields): void;
  warn(message: string, fields: LogFields): void;
  /** Adds to a metric, of a cluster where there is one; `reason` where the metric is broken down by it. */
  count(metric: string, value: number, dimensions: { readonly cluster?: string; readonly reason?: string }): void;
}
