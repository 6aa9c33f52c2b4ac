/** CloudWatch metrics that the Lambdas publish and that alarms and the dashboard read. */
export const METRICS_NAMESPACE = 'EcsPrometheusDiscovery';

export const METRICS = {
  /** Milliseconds from the change of a task to its announcement. */
  eventAge: 'EventAgeAtPublish',
  /** Scrape targets of a cluster, counted by each resync. */
  targets: 'Targets',
  upserts: 'TargetsUpserted',
  removals: 'TargetsRemoved',
  /** Writes of a shard that another writer was ahead of, and that were made again. */
  conflicts: 'ShardConflicts',
  /** Requests to AWS that were throttled. */
  throttles: 'Throttles',
  /** Running tasks that are not scraped although something asks for it, by {@link DIMENSIONS.reason}. */
  skipped: 'TasksSkipped',
  /** Tasks that a resync had to add, change or remove: what events missed. */
  drift: 'ResyncDrift',
  /** Removals that a resync held back because they were too many. */
  held: 'ResyncRemovalsHeld',
  /** What a resync could not read or write, so that it stays as it was. */
  problems: 'ResyncProblems',
  /** Size of the fullest shard that was written, in percent of what its parameter can hold. */
  fullness: 'ShardFullness',
  /** Malformed messages that were put aside in a dead-letter queue. */
  poison: 'PoisonEvents',
  /** Messages that could not be handled now and are tried again. */
  retried: 'MessagesRetried',
} as const;

/** Beside `service`, the stage that publishes a metric. */
export const DIMENSIONS = { deployment: 'deployment', cluster: 'cluster', reason: 'reason' } as const;
