import { type AlertCase, SERVICE, up, ups } from './alert-case.ts';

const down = (count: number) => [
  {
    labels: SERVICE,
    summary: `Targets of service web in cluster prod that have not answered a scrape for 10 minutes: ${count}.`,
  },
];
const lost = (left: number) => [
  {
    labels: SERVICE,
    summary: `Service web in cluster prod has lost half of its targets within two hours or less; it has ${left} now.`,
  },
];

const DOWN: readonly Omit<AlertCase, 'alert'>[] = [
  {
    when: 'for a target that is down for more than ten minutes',
    series: { [up('a')]: '1x10 0x30', [up('b')]: '1x40' },
    at: '22m',
    fires: down(1),
  },
  {
    when: 'once for a service, with the number of its targets that are down',
    series: ups(3, '0x30'),
    at: '12m',
    fires: down(3),
  },
  {
    when: 'for a task that no service started',
    series: { [up('a', { cluster: 'prod' })]: '0x30' },
    at: '12m',
    fires: [
      {
        labels: { cluster: 'prod' },
        summary:
          'Targets of tasks without a service in cluster prod that have not answered a scrape for 10 minutes: 1.',
      },
    ],
  },
  { when: 'for a target that is down for nine minutes', series: { [up('a')]: '1x10 0x30' }, at: '20m', fires: [] },
  { when: 'at the first look after ten minutes', series: { [up('a')]: '0x30' }, at: '10m', fires: [] },
  {
    when: 'for a target that answers now and then',
    series: { [up('a')]: '0x8 1 0x8 1 0x8 1 0x8' },
    at: '35m',
    fires: [],
  },
  {
    when: 'while young tasks follow one another, of which none answers yet',
    series: { [up('a')]: '0x8 stale', [up('b')]: '_x7 0x8 stale', [up('c')]: '_x14 0x8 stale' },
    at: '20m',
    fires: [],
  },
  { when: 'for a target that was down and is gone', series: { [up('a')]: '0x20 stale' }, at: '22m', fires: [] },
  {
    when: 'for a target that this project did not discover',
    series: { 'up{job="other",cluster="prod",service="web"}': '0x30' },
    at: '25m',
    fires: [],
  },
];

const ELSEWHERE = { account: '444455556666', region: 'eu-north-1' };

/** The same series in another account and Region. */
const elsewhere = (series: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(series).map(([name, values]) => [
      name.replace('{', `{account="${ELSEWHERE.account}",region="${ELSEWHERE.region}",`),
      values,
    ]),
  );

const LOST: readonly Omit<AlertCase, 'alert'>[] = [
  {
    when: 'for a service with two of four targets',
    series: { ...ups(2, '1x200'), ...ups(2, '1x150 stale') },
    at: '162m',
    fires: lost(2),
  },
  {
    when: 'for a service in another account, however many of the same name are well here',
    series: { ...ups(9, '1x200'), ...elsewhere(ups(2, '1x150 stale')) },
    at: '162m',
    fires: [
      {
        labels: { ...SERVICE, ...ELSEWHERE },
        summary:
          'Service web in cluster prod of account 444455556666, eu-north-1 has lost half of its targets within two hours or less; it has 0 now.',
      },
    ],
  },
  {
    when: 'for a service without any target that had two',
    series: ups(2, '1x150 stale'),
    at: '162m',
    fires: lost(0),
  },
  {
    when: 'for lost targets that were down before',
    series: { ...ups(2, '1x200'), ...ups(2, '0x150 stale') },
    at: '162m',
    fires: lost(2),
  },
  {
    when: 'within the first ten minutes, in which a deployment may stop tasks before it starts others',
    series: { ...ups(2, '1x200'), ...ups(2, '1x150 stale') },
    at: '160m',
    fires: [],
  },
  {
    when: 'for a service with three of five targets',
    series: { ...ups(3, '1x200'), ...ups(2, '1x150 stale') },
    at: '162m',
    fires: [],
  },
  {
    when: 'for a service that had two targets and has one',
    series: { ...ups(1, '1x200'), ...ups(1, '1x150 stale') },
    at: '162m',
    fires: [],
  },
  {
    when: 'after a deployment that ran twice the tasks for fifty minutes',
    series: { ...ups(4, '1x140 stale'), ...ups(4, '_x90 1x110') },
    at: '165m',
    fires: [],
  },
  {
    when: 'two hours after a deployment that ran twice the tasks',
    series: { ...ups(4, '1x80 stale'), ...ups(4, '_x40 1x200') },
    at: '195m',
    fires: [],
  },
  {
    when: 'an hour after targets were lost: what it has is what it had',
    series: { ...ups(2, '1x300'), ...ups(2, '1x150 stale') },
    at: '215m',
    fires: [],
  },
  {
    when: 'for targets that are there and down',
    series: ups(4, '1x150 0x50'),
    at: '170m',
    fires: [],
  },
  {
    when: 'when tasks end that no service started',
    series: ups(4, '1x150 stale', { cluster: 'prod' }),
    at: '162m',
    fires: [],
  },
];

export const TARGET_CASES: readonly AlertCase[] = [
  ...DOWN.map((one) => ({ alert: 'EcsTargetsDown', ...one })),
  ...LOST.map((one) => ({ alert: 'EcsServiceLostTargets', ...one })),
];
