import type { AlertCase } from './alert-case.ts';

const INSTANCE = 'prod-collector-0';
const labels = { instance: INSTANCE };
const series = (name: string, more = '') => `${name}{job="target-sync",instance="${INSTANCE}"${more}}`;
const age = (cluster: string) => series('target_sync_configuration_age_seconds', `,cluster="${cluster}"`);
const UP = series('up');
const PROBLEMS = series('target_sync_open_problems');

const stale = (duration: string) => [
  {
    labels: { ...labels, cluster: 'prod' },
    summary: `target-sync of ${INSTANCE} has not read the target configuration of cluster prod for ${duration}.`,
  },
];

export const DISCOVERY_CASES: readonly AlertCase[] = [
  {
    alert: 'EcsDiscoveryStale',
    when: 'for the cluster whose configuration was not read for more than 15 minutes',
    series: { [age('prod')]: '0+60x30', [age('staging')]: '0+60x4 0+60x4 0+60x4 0+60x4' },
    at: '17m',
    fires: stale('17m 0s'),
  },
  {
    alert: 'EcsDiscoveryStale',
    when: 'at 15 minutes',
    series: { [age('prod')]: '0+60x30' },
    at: '15m',
    fires: [],
  },
  {
    alert: 'EcsDiscoveryStale',
    when: 'at the first look after 15 minutes',
    series: { [age('prod')]: '0+60x30' },
    at: '16m',
    fires: [],
  },
  {
    alert: 'EcsDiscoveryStale',
    when: 'when each second reading of the configuration fails',
    series: { [age('prod')]: '0+60x10 0+60x10 0+60x10' },
    at: '30m',
    fires: [],
  },
  {
    alert: 'EcsTargetSyncDown',
    when: 'when target-sync has not answered for more than five minutes',
    series: { [UP]: '1x10 0x20' },
    at: '17m',
    fires: [{ labels, summary: `target-sync of ${INSTANCE} has not answered its collector for 5 minutes.` }],
  },
  {
    alert: 'EcsTargetSyncDown',
    when: 'when target-sync was restarted within five minutes',
    series: { [UP]: '1x10 0x4 1x10' },
    at: '15m',
    fires: [],
  },
  {
    alert: 'EcsTargetSyncDown',
    when: 'at the first look at a target-sync that is just starting',
    series: { [UP]: '_x10 0 1x10' },
    at: '10m',
    fires: [],
  },
  {
    alert: 'EcsTargetSyncDown',
    when: 'when another job of that collector is down',
    series: { 'up{job="collector",instance="prod-collector-0"}': '0x20' },
    at: '20m',
    fires: [],
  },
  {
    alert: 'EcsTargetSyncProblems',
    when: 'for problems that last more than 15 minutes',
    series: { [PROBLEMS]: '0x10 2x30' },
    at: '31m',
    fires: [
      {
        labels,
        summary: `target-sync of ${INSTANCE} has problems that do not go away; open for 15 minutes: 2.`,
      },
    ],
  },
  {
    alert: 'EcsTargetSyncProblems',
    when: 'for the first problems of a target-sync that started a moment ago',
    series: { [PROBLEMS]: '2x4 0x30' },
    at: '4m',
    fires: [],
  },
  {
    alert: 'EcsTargetSyncProblems',
    when: 'for problems that go away by themselves',
    series: { [PROBLEMS]: '0x10 2x14 0 2x14 0' },
    at: '25m',
    fires: [],
  },
];
