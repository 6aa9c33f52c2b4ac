import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { BY_SERVICE } from '../../constructs/collector/series-matchers.ts';
import { graph } from '../panels/graph.ts';
import { perService, SERVICE } from '../queries.ts';
import { AGE, CHOSEN } from './chosen.ts';

/** How fresh the samples are, and what a scrape takes and brings. */
export const scrapesRow = (): readonly Builder<Panel>[] => [
  graph({
    title: 'Age of the newest sample, worst target',
    description:
      'Seconds since the last scrape of the target for which it is longest ago. It rises to the scrape interval and falls back.',
    unit: 's',
    width: 12,
    queries: [{ expr: perService(`max ${BY_SERVICE} (${AGE})`), legend: SERVICE }],
  }),
  graph({
    title: 'Scrape duration',
    description:
      'Mean and slowest scrape. One that takes longer than the scrape timeout (10 s, unless it was changed) counts as down.',
    unit: 's',
    width: 12,
    queries: [
      { expr: perService(`avg ${BY_SERVICE} (scrape_duration_seconds{${CHOSEN}})`), legend: `${SERVICE}, mean` },
      { expr: perService(`max ${BY_SERVICE} (scrape_duration_seconds{${CHOSEN}})`), legend: `${SERVICE}, slowest` },
    ],
  }),
  graph({
    title: 'Samples of a scrape',
    description:
      'Samples that one scrape of all targets of a service brings. This times the scrapes is what the storage charges for.',
    unit: 'short',
    width: 12,
    queries: [
      { expr: perService(`sum ${BY_SERVICE} (scrape_samples_post_metric_relabeling{${CHOSEN}})`), legend: SERVICE },
    ],
  }),
  graph({
    title: 'New series of a scrape',
    description:
      'Series that the last scrape brought for the first time. High for long: a label whose values never repeat.',
    unit: 'short',
    width: 12,
    queries: [{ expr: perService(`sum ${BY_SERVICE} (scrape_series_added{${CHOSEN}})`), legend: SERVICE }],
  }),
];
