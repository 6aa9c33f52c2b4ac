import { type AlertCase, up } from './alert-case.ts';

const collector = (index: number, name = 'up') => `${name}{job="collector",instance="prod-collector-${index}"}`;
const ACCEPTED = collector(0, 'otelcol_receiver_accepted_metric_points');
const FAILED = collector(0, 'otelcol_exporter_send_failed_metric_points');
const FAILED_ELSEWHERE = FAILED.replace('}', ',exporter="second"}');
const REFUSED = collector(0, 'otelcol_receiver_refused_metric_points');

const silent = (labels: Readonly<Record<string, string>>, which: string) => [
  { labels, summary: `${which} has stopped writing to the workspace, or does not run.` },
];
const losing = (rate: number) => [
  {
    labels: { instance: 'prod-collector-0' },
    summary: `Collector prod-collector-0 loses ${rate} samples a second.`,
  },
];

const SILENT: readonly Omit<AlertCase, 'alert'>[] = [
  {
    when: 'for all of them when the only collector stops writing',
    series: { [collector(0)]: '1x70', [up('a')]: '1x200' },
    at: '81m',
    fires: silent({ job: 'collector' }, 'Every collector'),
  },
  {
    when: 'for all of them as long as none writes',
    series: { [collector(0)]: '1x70' },
    at: '10h',
    fires: silent({ job: 'collector' }, 'Every collector'),
  },
  {
    when: 'for the one of two collectors that stops writing',
    series: { [collector(0)]: '1x200', [collector(1)]: '1x70' },
    at: '81m',
    fires: silent({ instance: 'prod-collector-1' }, 'Collector prod-collector-1'),
  },
  {
    when: 'while collectors write, also one that is new',
    series: { [collector(0)]: '1x200', [collector(1)]: '_x100 1x100' },
    at: '120m',
    fires: [],
  },
  {
    when: 'while a collector is replaced',
    series: { [collector(0)]: '1x70 stale _x3 1x100' },
    at: '76m',
    fires: [],
  },
  {
    when: 'within the first five minutes of a new deployment, whose collector has not started',
    series: {},
    at: '4m',
    fires: [],
  },
  {
    when: 'for a collector that ended more than an hour ago while another one writes',
    series: { [collector(0)]: '1x200', [collector(1)]: '1x70' },
    at: '140m',
    fires: [],
  },
];

const LOSING: readonly Omit<AlertCase, 'alert'>[] = [
  {
    when: 'when writes fail',
    series: { [ACCEPTED]: '0+6000x60', [FAILED]: '_x10 0+120x50', [REFUSED]: '0x60' },
    at: '26m',
    fires: losing(2),
  },
  {
    when: 'when the memory limit is reached, although no write ever failed',
    series: { [ACCEPTED]: '0+6000x60', [REFUSED]: '0x10 0+180x50' },
    at: '26m',
    fires: losing(3),
  },
  {
    when: 'for all exporters together, also without a counter of refused samples',
    series: { [ACCEPTED]: '0+6000x60', [FAILED]: '0+240x60', [FAILED_ELSEWHERE]: '0+60x60' },
    at: '26m',
    fires: losing(5),
  },
  {
    when: 'for failures that were over within three minutes',
    series: { [ACCEPTED]: '0+6000x60', [FAILED]: '0x10 0+60x3 180x50', [REFUSED]: '0x60' },
    at: '22m',
    fires: [],
  },
  {
    when: 'while nothing is lost',
    series: { [ACCEPTED]: '0+6000x60', [FAILED]: '9x60', [REFUSED]: '0x60' },
    at: '30m',
    fires: [],
  },
  {
    when: 'for failures that began eight minutes ago',
    series: { [ACCEPTED]: '0+6000x60', [FAILED]: '0x10 0+60x50', [REFUSED]: '0x60' },
    at: '20m',
    fires: [],
  },
];

export const COLLECTOR_CASES: readonly AlertCase[] = [
  ...SILENT.map((one) => ({ alert: 'EcsCollectorNotWriting', ...one })),
  ...LOSING.map((one) => ({ alert: 'EcsCollectorLosesSamples', ...one })),
];
