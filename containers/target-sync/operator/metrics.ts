/** The metrics of target-sync itself, as Prometheus scrapes them. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { CHANGE_KINDS, TARGET_SYNC_METRICS } from '../../../functions/discovery/target-sync-metrics.ts';
import type { SyncObserver } from '../sync/observer.ts';
import type { Incidents } from './incidents.ts';

/** Seconds. Half a second is the usual case, ten the budget of a cluster that is replaced at once. */
const BUCKETS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60, 300, 1800];

interface MetricsParts {
  readonly incidents: Incidents;
  readonly clusters: readonly string[];
  /** The shards of each cluster that are this collector's. */
  readonly shards: readonly number[];
  /** How often this process was started again on its volume. */
  readonly restarts: number;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

interface SyncMetrics extends SyncObserver {
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
  /** Seconds since all shards of a cluster were read; of one that was not yet, since the start of this process. */
  configurationAge(cluster: string): number;
}

export function createMetrics({ incidents, clusters, shards, restarts, now }: MetricsParts): SyncMetrics {
  const registry = new Registry();
  const registers = [registry];
  const started = now();
  /** By cluster and shard. */
  const counts = new Map<string, number>();
  const readAt = new Map<string, number>();
  const sum = (cluster: string): number =>
    shards.reduce((total, shard) => total + (counts.get(`${cluster}/${shard}`) ?? 0), 0);
  const configurationAge = (cluster: string): number => {
    const oldest = Math.min(...shards.map((shard) => readAt.get(`${cluster}/${shard}`) ?? started));
    return shards.length === 0 ? 0 : Math.max(0, (now() - oldest) / 1000);
  };

  new Gauge({
    registers,
    name: TARGET_SYNC_METRICS.targets,
    help: 'Targets in the files',
    labelNames: ['cluster'],
    collect() {
      for (const cluster of clusters) this.set({ cluster }, sum(cluster));
    },
  });
  new Gauge({
    registers,
    name: TARGET_SYNC_METRICS.configurationAge,
    help: 'Seconds since the shard of the configuration that was read longest ago was read',
    labelNames: ['cluster'],
    collect() {
      for (const cluster of clusters) this.set({ cluster }, configurationAge(cluster));
    },
  });
  new Gauge({
    registers,
    name: TARGET_SYNC_METRICS.openProblems,
    help: 'Problems that last; /status says which',
    collect() {
      this.set(incidents.open().length);
    },
  });
  new Counter({
    registers,
    name: TARGET_SYNC_METRICS.restarts,
    help: 'Starts of target-sync on the same volume after the first one',
  }).inc(restarts);
  const changes = new Counter({
    registers,
    name: TARGET_SYNC_METRICS.changes,
    help: 'Changes of tasks that were announced and are newer than what was known',
    labelNames: ['kind'],
  });
  for (const kind of CHANGE_KINDS) changes.inc({ kind }, 0);
  const eventToFile = new Histogram({
    registers,
    name: TARGET_SYNC_METRICS.eventToFile,
    help: 'Seconds from the change of a task, as ECS dates it, to the file that shows it',
    buckets: BUCKETS,
  });

  return {
    heard: (_, { kind }) => changes.inc({ kind }),
    // The two clocks may differ by a little.
    shown: (changedAt) => eventToFile.observe(Math.max(0, (now() - changedAt) / 1000)),
    read: (cluster, shard) => readAt.set(`${cluster}/${shard}`, now()),
    published: (cluster, shard, targets) => counts.set(`${cluster}/${shard}`, targets),
    text: () => registry.metrics(),
    contentType: registry.contentType,
    configurationAge,
  };
}
