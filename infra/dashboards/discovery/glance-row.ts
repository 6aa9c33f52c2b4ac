import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import type { Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import { BY_SERVICE, OF_COLLECTORS } from '../../constructs/collector/series-matchers.ts';
import { figure } from '../panels/figure.ts';
import { rate } from '../queries.ts';
import { AGE, CHOSEN } from './chosen.ts';

/** What one looks at first. */
export const glanceRow = (): readonly Builder<Panel>[] => [
  figure({
    title: 'Targets',
    description: 'Endpoints that the collectors scrape. A task with two metrics endpoints counts twice.',
    unit: 'short',
    width: 4,
    noValue: 'No targets',
    queries: [{ expr: `count(up{${CHOSEN}})` }],
  }),
  figure({
    title: 'Targets down',
    description: 'Endpoints whose last scrape failed. The table below names them.',
    unit: 'short',
    width: 4,
    limits: { red: 1 },
    queries: [{ expr: `count(up{${CHOSEN}}) - sum(up{${CHOSEN}})` }],
  }),
  figure({
    title: 'Services',
    description: 'Services with at least one target. Tasks that no service started count as one.',
    unit: 'short',
    width: 4,
    queries: [{ expr: `count(count ${BY_SERVICE} (up{${CHOSEN}}))` }],
  }),
  figure({
    title: 'Oldest newest sample',
    description:
      'Seconds since the last scrape, of the target for which it is longest ago. More than two scrape intervals: the collector is late or cannot write. After five minutes Prometheus forgets a target.',
    unit: 's',
    width: 4,
    decimals: 0,
    limits: { orange: 120, red: 240 },
    noValue: 'No samples for 5 minutes',
    queries: [{ expr: `max(${AGE})` }],
  }),
  figure({
    title: 'Collectors',
    description: 'Collectors that scrape themselves and can write.',
    unit: 'short',
    width: 4,
    noValue: 'None',
    queries: [{ expr: `sum(up{${OF_COLLECTORS}})` }],
  }),
  figure({
    title: 'Samples not written',
    description:
      'Samples a second that the collectors gave up on: refused by the receiving side, or retried for too long. The log of the collector says why.',
    unit: 'cps',
    width: 4,
    limits: { red: 0.001 },
    queries: [
      {
        expr: `sum(${rate(`otelcol_exporter_send_failed_metric_points{${OF_COLLECTORS}}`)}) or vector(0)`,
      },
    ],
  }),
];
