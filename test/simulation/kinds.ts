/** The kinds of stories that the tests and the soak tell. */
import type { Faults } from './faults.ts';
import type { StoryKind } from './stories.ts';

/** Everything that may go wrong, in the measure of a bad day. */
export const BAD_DAY: Faults = {
  duplicated: 30,
  late: 30,
  lost: 10,
  twice: 10,
  poison: 10,
  crash: 15,
  refused: 15,
  unanswered: 5,
  slow: 10,
  stale: 50,
  partial: 20,
  missing: 20,
  contradictory: 30,
  failedOperation: 10,
  slowOperation: 20,
};

/** The same in a measure that no day has. */
const WORST_DAY: Faults = {
  duplicated: 80,
  late: 80,
  lost: 40,
  twice: 40,
  poison: 30,
  crash: 50,
  refused: 50,
  unanswered: 30,
  slow: 40,
  stale: 95,
  partial: 60,
  missing: 60,
  contradictory: 80,
  failedOperation: 40,
  slowOperation: 60,
};

/** What hurts, but loses nothing: after it, events alone bring everything to where it belongs. */
export const LOSSLESS: Partial<Faults> = { ...BAD_DAY, lost: 0, failedOperation: 0, poison: 0 };

export const CLUSTER_ELSEWHERE = 'prod.eu-north-1.444455556666';

export const RESTARTS = ['collector killed', 'volume lost', 'collector replaced'] as const;

export const KINDS = {
  'events alone': { faults: LOSSLESS },
  everything: { faults: BAD_DAY, also: ['resync', ...RESTARTS], length: 20 },
  'worst day': { faults: WORST_DAY, also: ['resync', ...RESTARTS], length: 20 },
  outages: { faults: { stale: 30, duplicated: 20 }, also: ['outage', 'outage', 'outage', 'resync'], length: 16 },
  'by hand': {
    faults: BAD_DAY,
    also: [
      'resync',
      'parameter emptied',
      'parameter garbled',
      'parameter deleted',
      'parameter restored',
      'parameter created again',
      'collector killed',
    ],
  },
  'cloud map changes': {
    faults: { stale: 50, slowOperation: 40, failedOperation: 20, refused: 15 },
    also: ['resync', 'tags removed', 'service removed', 'namespace removed', 'definition deregistered'],
  },
  'queues down': { faults: { duplicated: 30, late: 20 }, also: ['queue down', 'queue down', ...RESTARTS] },
  resharding: { faults: BAD_DAY, also: ['resync', 'reshard', 'reshard', 'collector killed'] },
  /** Somebody else writes the shards, with and without respect for the number of the version. */
  'second writer': {
    faults: { ...LOSSLESS, crash: 5 },
    also: ['second writer', 'second writer', 'second writer', 'resync', 'parameter restored'],
    settings: { clusters: ['prod'], shards: 2 },
  },
  /** A resync that never has the time for all shards, and invokes itself; some of these invocations die. */
  'resync in parts': {
    faults: { lost: 60, crash: 30, stale: 20, unanswered: 5 },
    also: ['resync', 'resync', 'resync'],
    settings: { shards: 5, resyncTimeout: 61_000 },
  },
  /** Collectors that are away for longer than their queues keep messages; definitions that nobody may read for a while. */
  away: {
    faults: { stale: 30, duplicated: 20, late: 20 },
    also: ['collector away', 'definition unreadable', 'resync'],
  },
  /** An account with room for two executions at once. */
  'small account': { faults: BAD_DAY, also: ['resync'], settings: { concurrency: 2 } },
  /** An ECS that says for a while that nothing runs; of more tasks than a resync removes without asking. */
  lying: {
    faults: { duplicated: 30, refused: 15, stale: 50, crash: 15 },
    prologue: [
      { wait: 0, what: 'launch', workload: 0, count: 13 },
      { wait: 0, what: 'launch', workload: 1, count: 13 },
      { wait: 240_000, what: 'lie' },
    ],
    also: ['lie'],
    length: 6,
    settings: { clusters: ['prod'], shards: 2 },
  },
  /** Clusters of one name in two accounts and Regions. */
  elsewhere: {
    faults: BAD_DAY,
    also: ['resync', ...RESTARTS],
    settings: { clusters: ['prod', CLUSTER_ELSEWHERE] },
    length: 16,
  },
  /** Containers that start again and again, each time with another port, on ports that others had a moment ago. */
  restless: {
    faults: { duplicated: 60, late: 20, slow: 40, stale: 60, refused: 20, crash: 10 },
    prologue: [
      { wait: 0, what: 'launch', workload: 2, count: 4 },
      { wait: 0, what: 'launch', workload: 3, count: 4 },
    ],
    also: ['disturb', 'disturb', 'disturb', 'disturb', 'disturb', 'disturb', 'disturb'],
    settings: { clusters: ['prod'] },
    length: 20,
  },
  /** An ECS that says nothing of most of the tasks that it is asked about, and is asked often. */
  silent: {
    faults: { partial: 90, refused: 10, missing: 90, contradictory: 90 },
    also: ['resync', 'resync', 'resync'],
  },
  /** Registered tasks that stop soon after they run, with requests that have to be made again and again. */
  brief: {
    faults: { refused: 80, duplicated: 20, slowOperation: 50 },
    prologue: [
      { wait: 0, what: 'launch', workload: 1, count: 4 },
      { wait: 0, what: 'launch', workload: 3, count: 4 },
    ],
    also: ['stop', 'stop', 'stop', 'stop', 'stop'],
    settings: { clusters: ['prod'] },
    length: 20,
  },
} as const satisfies Readonly<Record<string, StoryKind>>;
