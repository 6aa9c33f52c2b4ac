import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { figure } from '../panels/figure.ts';
import { averageLatency, CHOSEN, latencyQuantile, requests } from './chosen.ts';

/** All chosen tasks together. */
export const totalsRow = (): readonly Builder<Panel>[] => [
  figure({
    title: 'Request rate',
    description: 'Requests answered a second, all chosen tasks together.',
    unit: 'reqps',
    width: 5,
    queries: [{ expr: `sum (${requests()})` }],
  }),
  figure({
    title: 'Average latency',
    description: 'Mean time from a request to the end of its answer.',
    unit: 'ms',
    width: 5,
    queries: [{ expr: averageLatency() }],
  }),
  figure({
    title: 'Latency, 99th percentile',
    description:
      'One request in a hundred takes longer. Read from the histogram, so between two of its bounds it is an estimate.',
    unit: 'ms',
    width: 5,
    queries: [{ expr: latencyQuantile(0.99) }],
  }),
  figure({
    title: 'Server errors',
    description: 'Share of the requests that were answered with a status of 500 or above.',
    unit: 'percentunit',
    width: 5,
    limits: { orange: 0.001, red: 0.01 },
    queries: [{ expr: `(sum (${requests(',status=~"5.."')}) or vector(0)) / sum (${requests()})` }],
  }),
  figure({
    title: 'Tasks',
    description: 'Tasks whose requests are counted now.',
    unit: 'short',
    width: 4,
    queries: [{ expr: `count (count by (taskid) (http_requests_total{${CHOSEN}}))` }],
  }),
];
