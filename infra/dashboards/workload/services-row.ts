import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { BY_SERVICE } from '../../constructs/collector/series-matchers.ts';
import { graph } from '../panels/graph.ts';
import { perService, SERVICE } from '../queries.ts';
import { averageLatency, latencyQuantile, requests } from './chosen.ts';

/** Service by service. */
export const servicesRow = (): readonly Builder<Panel>[] => [
  graph({
    title: 'Request rate by service',
    description: 'Requests answered a second.',
    unit: 'reqps',
    width: 12,
    queries: [{ expr: perService(`sum ${BY_SERVICE} (${requests()})`), legend: SERVICE }],
  }),
  graph({
    title: 'Average latency by service',
    description: 'Mean time from a request to the end of its answer.',
    unit: 'ms',
    width: 12,
    queries: [{ expr: perService(averageLatency(BY_SERVICE)), legend: SERVICE }],
  }),
  graph({
    title: 'Latency percentiles',
    description:
      'Half, nine tenths and all but a hundredth of the chosen requests took no longer than this. Estimates between the bounds of the histogram.',
    unit: 'ms',
    width: 12,
    fill: 0,
    queries: [
      { expr: latencyQuantile(0.5), legend: 'p50' },
      { expr: latencyQuantile(0.9), legend: 'p90' },
      { expr: latencyQuantile(0.99), legend: 'p99' },
    ],
  }),
  graph({
    title: 'Answers by status',
    description: 'Requests answered a second, by the status of the answer.',
    unit: 'reqps',
    width: 12,
    queries: [{ expr: `sum by (status) (${requests()})`, legend: '{{status}}' }],
  }),
];
