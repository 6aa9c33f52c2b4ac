import { TARGET_SYNC_METRICS } from '../../functions/discovery/target-sync-metrics.ts';
import { OF_TARGET_SYNCS } from '../constructs/collector/series-matchers.ts';
import type { AlertRule } from './alert-rule.ts';

/** Seconds: three of target-sync's safety refreshes, which come every five minutes unless its settings say otherwise. */
const STALE_SECONDS = 15 * 60;

/** Rules about the way from ECS to the target files. */
export const discoveryRules: readonly AlertRule[] = [
  {
    name: 'EcsDiscoveryStale',
    expression: `max by (cluster, instance) (${TARGET_SYNC_METRICS.configurationAge}{${OF_TARGET_SYNCS}}) > ${STALE_SECONDS}`,
    holdsFor: '1m',
    severity: 'critical',
    summary:
      'target-sync of {{ $labels.instance }} has not read the target configuration of cluster {{ $labels.cluster }} for {{ $value | humanizeDuration }}.',
    action:
      'Targets that it knows are still scraped; new tasks may be missing. Read its log and its status page for the refused or failed call to SSM, then check its task role, the way to the SSM endpoint, and throttling of Parameter Store.',
  },
  {
    name: 'EcsTargetSyncDown',
    expression: `max by (instance) (max_over_time(up{${OF_TARGET_SYNCS}}[5m])) == 0`,
    holdsFor: '1m',
    severity: 'critical',
    summary: 'target-sync of {{ $labels.instance }} has not answered its collector for 5 minutes.',
    action:
      'The target files stay as they are: stopped tasks go down and new ones are missing. Read the log of the container target-sync and the stop reason of its task; ECS replaces a task whose target-sync crashes again within a minute.',
  },
  {
    name: 'EcsTargetSyncProblems',
    expression: `max by (instance) (min_over_time(${TARGET_SYNC_METRICS.openProblems}{${OF_TARGET_SYNCS}}[15m])) > 0`,
    holdsFor: '5m',
    severity: 'warning',
    summary:
      'target-sync of {{ $labels.instance }} has problems that do not go away; open for 15 minutes: {{ $value }}.',
    action:
      'Its status page and its log name each problem with what to do: a full or read-only volume, a queue or parameter that it may not use, a file that it cannot read.',
  },
];
