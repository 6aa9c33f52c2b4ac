import { BY_SERVICE, DISCOVERED } from '../constructs/collector/series-matchers.ts';
import type { AlertRule } from './alert-rule.ts';

/** A task may take this long to answer its first scrape. */
const DOWN_FOR = '10m';

/**
 * Targets that are down now, were not up once in the time before, and existed all that time. A service whose tasks are
 * replaced has a young task that does not answer yet at any moment: counting `up == 0` alone would call that an outage.
 */
const longDown = `up{${DISCOVERED}} == 0
  and max_over_time(up{${DISCOVERED}}[${DOWN_FOR}]) == 0
  and up{${DISCOVERED}} offset ${DOWN_FOR}`;

/** Services with this many targets more than now are worth an alert: two tasks that become one are everyday. */
const LEAST_LOSS = 2;

const targets = (offset = '') => `count ${BY_SERVICE} (up{${DISCOVERED},service!=""}${offset})`;

/** The number now; 0 for a service that had targets an hour ago and has none. */
const now = `(${targets()} or 0 * ${targets(' offset 1h')})`;

/** Looking back twice leaves a deployment out that ran twice the tasks for less than an hour. */
const fellByHalf = `${now} <= 0.5 * ${targets(' offset 1h')}
  and ${now} <= 0.5 * ${targets(' offset 2h')}
  and ${now} <= ${targets(' offset 1h')} - ${LEAST_LOSS}`;

/** One elsewhere may have the name of one here. */
const CLUSTER =
  'cluster {{ $labels.cluster }}{{ with $labels.account }} of account {{ . }}, {{ $labels.region }}{{ end }}';

const WHOSE = `{{ with $labels.service }}service {{ . }}{{ else }}tasks without a service{{ end }} in ${CLUSTER}`;

/** Rules about what is scraped. */
export const targetRules: readonly AlertRule[] = [
  {
    name: 'EcsTargetsDown',
    expression: `count ${BY_SERVICE} (\n  ${longDown.replaceAll('\n', '\n  ')}\n)`,
    holdsFor: '1m',
    severity: 'warning',
    summary: `Targets of ${WHOSE} that have not answered a scrape for 10 minutes: {{ $value }}.`,
    action:
      'See which tasks they are in the table of the dashboard "ECS discovery". Check port and path of the scrape label or rule, that the task listens on all addresses, and that the security group of the tasks lets the collector in.',
  },
  {
    name: 'EcsServiceLostTargets',
    expression: fellByHalf,
    holdsFor: '10m',
    severity: 'warning',
    summary: `Service {{ $labels.service }} in ${CLUSTER} has lost half of its targets within two hours or less; it has {{ $value }} now.`,
    action:
      'Compare with the running tasks of the service in ECS. As many tasks as targets: it was scaled in or its tasks fail. More tasks than targets: the discovery lost them; resync the cluster and read in its answer which tasks are not scraped and why.',
  },
];
