/** Stories by chance: what fast-check draws them from. */
import fc from 'fast-check';
import { type Faults, NO_FAULTS } from './faults.ts';
import { WORKLOADS } from './fleet.ts';
import { DEFAULTS, type SimulationSettings } from './settings.ts';
import type { Incident, Story } from './story.ts';

type Kind = Incident['what'];

export interface StoryKind {
  /** Faults that may happen, each with the highest percentage of it. */
  readonly faults: Partial<Faults>;
  /** Incidents besides launches, stops, replacements and disturbances, which every story has. */
  readonly also?: readonly Kind[];
  readonly settings?: Partial<SimulationSettings>;
  /** Most incidents. */
  readonly length?: number;
  /** What happens first, always. */
  readonly prologue?: readonly Incident[];
}

/** Everything that may go wrong, in the measure of a bad day. */
export const BAD_DAY: Faults = {
  duplicated: 30,
  late: 30,
  lost: 10,
  poison: 10,
  crash: 15,
  refused: 15,
  unanswered: 5,
  slow: 10,
  stale: 50,
  partial: 20,
  failedOperation: 10,
};

/** The same in a measure that no day has. */
export const WORST_DAY: Faults = {
  duplicated: 80,
  late: 80,
  lost: 40,
  poison: 30,
  crash: 50,
  refused: 50,
  unanswered: 30,
  slow: 40,
  stale: 95,
  partial: 60,
  failedOperation: 40,
};

/** What hurts, but loses nothing: after it, events alone bring everything to where it belongs. */
export const LOSSLESS: Partial<Faults> = { ...BAD_DAY, lost: 0, failedOperation: 0, poison: 0 };

const workload = fc.nat(WORKLOADS.length - 1);

/** Short waits make races, long ones make memories expire. */
const wait = fc.oneof(
  { weight: 5, arbitrary: fc.nat(3000) },
  { weight: 3, arbitrary: fc.nat(20_000) },
  { weight: 1, arbitrary: fc.nat(200_000) },
);

const incidentOf = (what: Kind): fc.Arbitrary<Incident> => {
  switch (what) {
    case 'launch':
      return fc.record({ wait, what: fc.constant(what), workload, count: fc.integer({ min: 1, max: 4 }) });
    case 'stop':
    case 'disturb':
      return fc.record({ wait, what: fc.constant(what), which: fc.nat(30) });
    case 'replace':
      return fc.record({ wait, what: fc.constant(what), workload });
    case 'reshard':
      return fc.record({ wait, what: fc.constant(what), shards: fc.integer({ min: 3, max: 5 }) });
    case 'resync':
      return fc.record({ wait, what: fc.constant(what), dryRun: fc.boolean() });
    default:
      return fc.record({ wait, what: fc.constant(what) });
  }
};

/** None, or anything up to a percentage; shrinks towards none. */
const faultsUpTo = (most: Partial<Faults>): fc.Arbitrary<Faults> =>
  fc.record(
    Object.fromEntries(
      Object.keys(NO_FAULTS).map((key) => {
        const highest = most[key as keyof Faults] ?? 0;
        return [key, fc.oneof(fc.constant(0), fc.nat(highest))];
      }),
    ) as Record<keyof Faults, fc.Arbitrary<number>>,
  );

export function stories({
  faults,
  also = [],
  settings = {},
  length = 12,
  prologue = [],
}: StoryKind): fc.Arbitrary<Story> {
  const launch = incidentOf('launch');
  const incident = fc.oneof(
    { weight: 3, arbitrary: launch },
    { weight: 3, arbitrary: incidentOf('stop') },
    { weight: 1, arbitrary: incidentOf('disturb') },
    { weight: 1, arbitrary: incidentOf('replace') },
    ...also.map((what) => ({ weight: 1, arbitrary: incidentOf(what) })),
  );
  return fc.record({
    settings: fc.record({
      ...(Object.fromEntries(
        Object.entries({ ...DEFAULTS, ...settings }).map(([key, value]) => [key, fc.constant(value)]),
      ) as unknown as { [Key in keyof SimulationSettings]: fc.Arbitrary<SimulationSettings[Key]> }),
      seed: fc.nat(0x7fffffff),
      faults: faultsUpTo(faults),
      ...(settings.shards === undefined && { shards: fc.integer({ min: 1, max: 3 }) }),
      ...(settings.concurrency === undefined && { concurrency: fc.integer({ min: 2, max: 4 }) }),
      ...(settings.batchSize === undefined && { batchSize: fc.constantFrom(1, 5, 1000) }),
      ...(settings.clusters === undefined && { clusters: fc.constantFrom(['prod'], ['prod', 'test']) }),
    }),
    incidents: fc
      .tuple(launch, fc.array(incident, { maxLength: length, size: 'max' }))
      .map(([first, others]) => [...prologue, first, ...others]),
  });
}

/** Every fault, and people who edit parameters. */
export const BY_HAND: StoryKind = {
  faults: BAD_DAY,
  also: ['resync', 'emptied', 'garbage', 'deleted', 'restored', 'kill collector', 'refresh'],
};

/** Every fault, and deployments with more shards. */
export const RESHARDING: StoryKind = {
  faults: BAD_DAY,
  also: ['resync', 'reshard', 'kill collector', 'refresh'],
};

/** An ECS that says for a while that nothing runs; of more tasks than a resync removes without asking. */
export const LYING: StoryKind = {
  faults: { duplicated: 30, refused: 15, stale: 50, crash: 15 },
  prologue: [
    { wait: 0, what: 'launch', workload: 0, count: 13 },
    { wait: 0, what: 'launch', workload: 1, count: 13 },
    { wait: 240_000, what: 'lie' },
  ],
  also: ['lie', 'refresh'],
  length: 6,
  settings: { clusters: ['prod'], shards: 2 },
};

/** Containers that start again and again, each time with another port, beside writers that are slow. */
export const RESTLESS: StoryKind = {
  faults: { duplicated: 60, late: 20, slow: 40, stale: 60, refused: 20, crash: 10 },
  prologue: [{ wait: 0, what: 'launch', workload: 2, count: 4 }],
  also: ['disturb', 'disturb', 'disturb', 'disturb', 'disturb', 'disturb', 'disturb', 'disturb'],
  settings: { concurrency: 4, batchSize: 1, clusters: ['prod'] },
  length: 20,
};

/** An ECS that speaks of few of the tasks that it is asked about, and is asked often. */
export const SILENT: StoryKind = {
  faults: { partial: 90, refused: 10 },
  also: ['resync', 'resync', 'resync', 'resync'],
};

/** Parameters that are deleted and garbled, and made anew while ECS speaks of some of the tasks only. */
export const REBUILT: StoryKind = {
  faults: { partial: 60, refused: 10 },
  prologue: [
    { wait: 0, what: 'launch', workload: 0, count: 4 },
    { wait: 0, what: 'launch', workload: 1, count: 4 },
    { wait: 60_000, what: 'deleted' },
    { wait: 1000, what: 'resync' },
  ],
  also: ['deleted', 'garbage', 'resync', 'resync', 'refresh'],
  settings: { clusters: ['prod'] },
};

/** Registered tasks that stop soon after they run, with requests that have to be made again and again. */
export const BRIEF: StoryKind = {
  faults: { refused: 80, duplicated: 20 },
  prologue: [{ wait: 0, what: 'launch', workload: 1, count: 4 }],
  also: ['stop', 'stop', 'stop', 'stop', 'stop'],
  settings: { concurrency: 4, batchSize: 1, clusters: ['prod'] },
  length: 20,
};
