import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { OF_COLLECTORS } from '../../constructs/collector/series-matchers.ts';
import { graph } from '../panels/graph.ts';
import { rate } from '../queries.ts';

const pointsRate = (metric: string) => `sum by (instance) (${rate(`${metric}{${OF_COLLECTORS}}`)})`;

/** Counters that the collector has only once something failed: 0 until then. */
const failuresRate = (metric: string) =>
  `${pointsRate(metric)} or 0 * ${pointsRate('otelcol_exporter_sent_metric_points')}`;

/** How the collectors fare. */
export const collectorsRow = (): readonly Builder<Panel>[] => [
  graph({
    title: 'Samples through the collector',
    description: 'Scraped: taken in. Written: accepted by the receiving side. They should be the same.',
    unit: 'cps',
    width: 8,
    queries: [
      { expr: pointsRate('otelcol_receiver_accepted_metric_points'), legend: '{{instance}} scraped' },
      { expr: pointsRate('otelcol_exporter_sent_metric_points'), legend: '{{instance}} written' },
    ],
  }),
  graph({
    title: 'Samples lost',
    description:
      'Refused: the memory limiter took nothing in; give the task more memory or split the targets between more collectors. Not written: given up, see the log of the collector.',
    unit: 'cps',
    width: 8,
    queries: [
      { expr: pointsRate('otelcol_receiver_refused_metric_points'), legend: '{{instance}} refused' },
      {
        expr: failuresRate('otelcol_exporter_send_failed_metric_points'),
        legend: '{{instance}} not written',
      },
    ],
  }),
  graph({
    title: 'Batches waiting to be written',
    description:
      'Rises while the receiving side is slow, throttles or is away. What waits is written later; when the queue is full (10,000 batches) it is lost.',
    unit: 'short',
    width: 8,
    queries: [{ expr: `sum by (instance) (otelcol_exporter_queue_size{${OF_COLLECTORS}})`, legend: '{{instance}}' }],
  }),
  graph({
    title: 'Memory of the collector',
    description:
      'Resident memory. It grows with the number of series; at 80 % of the limit of its container the collector takes nothing in any more.',
    unit: 'bytes',
    width: 8,
    queries: [{ expr: `sum by (instance) (otelcol_process_memory_rss{${OF_COLLECTORS}})`, legend: '{{instance}}' }],
  }),
  graph({
    title: 'CPU of the collector',
    description: 'CPU seconds a second: 1 is one full core.',
    unit: 'short',
    width: 8,
    queries: [{ expr: pointsRate('otelcol_process_cpu_seconds'), legend: '{{instance}}' }],
  }),
  graph({
    title: 'Time since the collector started',
    description: 'Falls to 0 with a restart. It should fall only with a deployment: targets are changed without one.',
    unit: 's',
    width: 8,
    queries: [{ expr: `max by (instance) (otelcol_process_uptime{${OF_COLLECTORS}})`, legend: '{{instance}}' }],
  }),
];
