/** The metrics of target-sync with values that are made up: dashboards need each of them, whatever target-sync has to do. */
import type { Server } from 'node:http';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { CHANGE_KINDS, TARGET_SYNC_METRICS } from '../../../functions/discovery/target-sync-metrics.ts';
import { metricsPage } from './metrics-page.ts';

export const TARGET_SYNC_PORT = 13_134;

export const startTargetSyncStandIn = (address: string, targets: number): Promise<Server> => {
  const registry = new Registry();
  const metric = (name: string, ...labelNames: string[]) => ({ name, help: name, labelNames, registers: [registry] });

  const eventToFile = new Histogram(metric(TARGET_SYNC_METRICS.eventToFile));
  const changes = new Counter(metric(TARGET_SYNC_METRICS.changes, 'kind'));
  const cluster = 'prod';
  new Gauge(metric(TARGET_SYNC_METRICS.targets, 'cluster')).set({ cluster }, targets);
  new Gauge(metric(TARGET_SYNC_METRICS.configurationAge, 'cluster')).set({ cluster }, 12);
  new Gauge(metric(TARGET_SYNC_METRICS.openProblems)).set(0);
  new Counter(metric(TARGET_SYNC_METRICS.restarts)).inc(0);

  return metricsPage(registry, {
    address,
    port: TARGET_SYNC_PORT,
    onScrape: () => {
      eventToFile.observe(0.4);
      for (const kind of CHANGE_KINDS) changes.inc({ kind });
    },
  });
};
