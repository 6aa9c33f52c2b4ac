import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { CHANGE_KINDS, TARGET_SYNC_METRICS } from '../../../functions/discovery/target-sync-metrics.ts';
import { DISCOVERED, OF_TARGET_SYNCS } from '../../constructs/collector/series-matchers.ts';
import { graph } from '../panels/graph.ts';
import { list } from '../panels/list.ts';
import { perService, rate } from '../queries.ts';
import { CHOSEN } from './chosen.ts';

/** Of the clusters that are chosen: target-sync calls one of another account or Region `name.region.account`. */
const OF_CLUSTER = ',cluster=~"($cluster)([.].+)?"';

const ofTargetSync = (metric: string, more = '') => `${metric}{${OF_TARGET_SYNCS}${more}}`;

/** Seconds that this share of the changes did not exceed. */
const eventToFile = (share: number) =>
  `histogram_quantile(${share}, sum by (le) (${rate(ofTargetSync(`${TARGET_SYNC_METRICS.eventToFile}_bucket`))}))`;

const STARTED = `process_start_time_seconds{${CHOSEN}}`;
/** How long a process counts as new. */
const NEW = { duration: '30m', seconds: 30 * 60 };

/**
 * Seconds from the start of a process to its first sample. A process that was started again in its target has older
 * samples than itself, and is left out.
 */
const startToSample = `(min_over_time(timestamp(${STARTED})[${NEW.duration}:5s]) - ${STARTED}) >= 0 and ${STARTED} > time() - ${NEW.seconds}`;

/** The way of a change: event, target file, first sample. */
export const freshnessRow = (): readonly Builder<Panel>[] => [
  graph({
    title: 'From the event to the target file',
    description:
      'Seconds from the change of a task in ECS to the target file that shows it: half, nine tenths and all but a hundredth of the changes took no longer. Estimates between the bounds of the histogram; no line while nothing changes.',
    unit: 's',
    width: 8,
    fill: 0,
    noValue: 'No changes',
    queries: [
      { expr: eventToFile(0.5), legend: 'p50' },
      { expr: eventToFile(0.9), legend: 'p90' },
      { expr: eventToFile(0.99), legend: 'p99' },
    ],
  }),
  graph({
    title: 'Changes received',
    description:
      'Changes of targets that target-sync received a second, by kind: a task offers these targets (upsert), it stopped (stop), nothing selects it any more (deselect).',
    unit: 'cps',
    width: 8,
    queries: CHANGE_KINDS.map((kind) => ({
      expr: `sum (${rate(ofTargetSync(TARGET_SYNC_METRICS.changes, `,kind="${kind}"`))})`,
      legend: kind,
    })),
  }),
  graph({
    title: 'Age of the configuration',
    description:
      'Seconds since target-sync last read the targets of a cluster from Parameter Store. It rises to five minutes and falls back; above fifteen the alert EcsDiscoveryStale fires.',
    unit: 's',
    width: 8,
    queries: [
      {
        expr: `max by (cluster) (${ofTargetSync(TARGET_SYNC_METRICS.configurationAge, OF_CLUSTER)})`,
        legend: '{{cluster}}',
      },
    ],
  }),
  graph({
    title: 'Targets in the files, and scraped',
    description:
      'Targets of all services, as target-sync wrote them and as the collectors scrape them. The second line follows the first one within seconds.',
    unit: 'short',
    width: 12,
    queries: [
      {
        expr: `sum by (cluster) (${ofTargetSync(TARGET_SYNC_METRICS.targets, OF_CLUSTER)})`,
        legend: '{{cluster}} in the files',
      },
      { expr: `count by (cluster) (up{${DISCOVERED},cluster=~"$cluster"})`, legend: '{{cluster}} scraped' },
    ],
  }),
  graph({
    title: 'Problems and restarts of target-sync',
    description: 'Problems that are open, which its log and its status page name, and restarts within the window.',
    unit: 'short',
    width: 12,
    queries: [
      {
        expr: `max by (instance) (${ofTargetSync(TARGET_SYNC_METRICS.openProblems)})`,
        legend: '{{instance}} problems',
      },
      {
        expr: `sum by (instance) (increase(${ofTargetSync(TARGET_SYNC_METRICS.restarts)}[$__rate_interval]))`,
        legend: '{{instance}} restarts',
      },
    ],
  }),
  list({
    title: 'From the start of a process to its first sample',
    description:
      'Processes that started within the last half hour, slowest first. It contains the time until the process listens, the way from ECS to the file, and up to one scrape interval. For programs that export process_start_time_seconds, as most client libraries do.',
    expr: `sort_desc(${perService(`max by (cluster, service, taskid, instance, port) (${startToSample})`)})`,
    value: { heading: 'First sample after', unit: 's' },
    columns: { cluster: 'Cluster', service: 'Service', taskid: 'Task', instance: 'Address', port: 'Port' },
    noValue: 'No process started within half an hour',
  }),
];
