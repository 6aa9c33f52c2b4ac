/** Prometheus metrics that target-sync publishes and that alert rules and dashboards ask for. */
export const TARGET_SYNC_METRICS = {
  /** Gauge: targets in the files, by cluster. */
  targets: 'target_sync_targets',
  /** Histogram: seconds from the change of a task to the file that shows it. */
  eventToFile: 'target_sync_event_to_file_seconds',
  /** Gauge: seconds since the configuration of a cluster was last read successfully. */
  configurationAge: 'target_sync_configuration_age_seconds',
  /** Gauge: problems that target-sync has now; its status page and its log say which. */
  openProblems: 'target_sync_open_problems',
  /** Counter: starts after a crash. */
  restarts: 'target_sync_restarts_total',
  /** Counter: changes that were received, by {@link CHANGE_KINDS}. */
  changes: 'target_sync_changes_total',
} as const;

/** Values of the label `kind` of {@link TARGET_SYNC_METRICS.changes}. */
export const CHANGE_KINDS = ['upsert', 'stop', 'deselect'] as const;
