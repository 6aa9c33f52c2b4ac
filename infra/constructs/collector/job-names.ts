/** Names of scrape jobs, which are values of the label `job`. */

/** Job of everything that this project discovers, unless the settings, a docker label or a rule name another. */
export const SCRAPE_JOB = 'ecs';

/** Job of the collector's own metrics. */
export const COLLECTOR_JOB = 'collector';

/** Job of the metrics of the target-sync beside the collector. */
export const TARGET_SYNC_JOB = 'target-sync';
