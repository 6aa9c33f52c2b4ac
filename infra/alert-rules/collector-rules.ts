import { OF_COLLECTORS } from '../constructs/collector/series-matchers.ts';
import type { AlertRule } from './alert-rule.ts';

const collectors = (offset = '') => `count by (instance) (up{${OF_COLLECTORS}}${offset})`;

/**
 * A collector that cannot write cannot write that either, so its silence is the sign. First part: one of several that
 * wrote an hour ago and does not now. Second part: none writes, which lasts until one does.
 */
const silent = `(${collectors(' offset 1h')} unless ${collectors()}) and on () count(up{${OF_COLLECTORS}})
  or absent(up{${OF_COLLECTORS}})`;

const pointsRate = (metric: string) => `sum by (instance) (rate(${metric}{${OF_COLLECTORS}}[5m]))`;

/** A collector has such a counter only once something failed: 0 until then. */
const failures = (metric: string) =>
  `(${pointsRate(metric)} or 0 * ${pointsRate('otelcol_receiver_accepted_metric_points')})`;

const losing = `${failures('otelcol_exporter_send_failed_metric_points')}
  + ${failures('otelcol_receiver_refused_metric_points')} > 0`;

const WHICH = '{{ with $labels.instance }}Collector {{ . }}{{ else }}Every collector{{ end }}';

/** Rules about the collectors themselves. */
export const collectorRules: readonly AlertRule[] = [
  {
    name: 'EcsCollectorNotWriting',
    expression: silent,
    holdsFor: '5m',
    severity: 'critical',
    summary: `${WHICH} has stopped writing to the workspace, or does not run.`,
    action:
      'See whether the ECS service of the collector has a running task, and read the log of the container collector: "Exporting failed" means credentials, the way to the workspace, or its quotas; a task that ended was probably out of memory.',
  },
  {
    name: 'EcsCollectorLosesSamples',
    expression: losing,
    holdsFor: '10m',
    severity: 'warning',
    summary: 'Collector {{ $labels.instance }} loses {{ $value | humanize }} samples a second.',
    action:
      'Look at "Samples lost" on the dashboard "ECS discovery". Not written: read "Dropping data" in the log of the collector and the quotas of the workspace. Refused: its memory limit is reached; give the task more memory or raise the number of collectors.',
  },
];
