/** The size of a fleet, from which requests and costs follow. */

export interface Fleet {
  readonly services: number;
  readonly tasks: number;
  /** Tasks that start or stop in a day. */
  readonly changesPerDay: number;
  /** Tasks that this deployment registers in Cloud Map. */
  readonly registered: number;
  readonly shards: number;
  readonly collectors: number;
  /** Whether there are namespaces whose services say how to scrape, so that register is there, too. */
  readonly cloudMap: boolean;
}

/** One shard for every 60 tasks, four at least: the rule of `docs/settings.md`. */
export const shardsFor = (tasks: number): number => Math.max(4, Math.ceil(tasks / 60));

/** Resyncs in a day: every three hours, the default. */
export const RESYNCS = 8;
/** Safety refreshes of a target-sync in a day: every five minutes. */
export const REFRESHES = 288;

/** The defaults in a cluster that exists, without a collector, while nothing happens. */
export const IDLE: Fleet = {
  services: 0,
  tasks: 0,
  changesPerDay: 0,
  registered: 0,
  collectors: 0,
  shards: 4,
  cloudMap: false,
};
