/** Stories by chance: kinds of them, each with the faults and incidents that belong to it. */
import fc from '../fast-check.ts';
import type { ServiceName } from './aws/simulated-service.ts';
import { type Faults, NO_FAULTS } from './faults.ts';
import { WORKLOADS } from './fleet.ts';
import { MISHAPS, type Mishap } from './mishaps.ts';
import { DEFAULTS, type SimulationSettings } from './settings.ts';
import type { Incident, Story } from './story.ts';

type Kind = Exclude<Incident['what'], 'mishap'>;

export interface StoryKind {
  /** Faults that may happen, each with the highest percentage of it. */
  readonly faults: Partial<Faults>;
  /** Incidents besides launches, stops, replacements and disturbances, which every story has. */
  readonly also?: readonly (Kind | Mishap)[];
  readonly settings?: Partial<SimulationSettings>;
  /** Most incidents. */
  readonly length?: number;
  /** What happens first, always. */
  readonly prologue?: readonly Incident[];
}

const workload = fc.nat(WORKLOADS.length - 1);
const ILL: readonly ServiceName[] = ['ecs', 'cloudMap', 'ssm', 'sns', 'ec2'];

/** Short waits make races, long ones make memories expire. */
const wait = fc.oneof(
  { weight: 5, arbitrary: fc.nat(3000) },
  { weight: 3, arbitrary: fc.nat(20_000) },
  { weight: 1, arbitrary: fc.nat(200_000) },
);

const isMishap = (what: Kind | Mishap): what is Mishap => (MISHAPS as readonly string[]).includes(what);

function incidentOf(what: Kind | Mishap): fc.Arbitrary<Incident> {
  if (isMishap(what)) return fc.record({ wait, what: fc.constant('mishap' as const), mishap: fc.constant(what) });
  switch (what) {
    case 'launch':
      return fc.record({ wait, what: fc.constant(what), workload, count: fc.integer({ min: 1, max: 4 }) });
    case 'stop':
    case 'disturb':
      return fc.record({ wait, what: fc.constant(what), which: fc.nat(30) });
    case 'replace':
      return fc.record({ wait, what: fc.constant(what), workload });
    case 'reshard':
      return fc.record({ wait, what: fc.constant(what), shards: fc.integer({ min: 1, max: 5 }) });
    case 'resync':
      return fc.record({ wait, what: fc.constant(what), dryRun: fc.boolean() });
    case 'outage':
      return fc.record({
        wait,
        what: fc.constant(what),
        service: fc.constantFrom(...ILL),
        outage: fc.constantFrom('hangs', 'throttles', 'fails'),
        lasts: fc.integer({ min: 5000, max: 40 * 60 * 1000 }),
      });
    default:
      return fc.record({ wait, what: fc.constant(what) });
  }
}

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

export function stories(kind: StoryKind): fc.Arbitrary<Story> {
  const { faults, also = [], settings = {}, length = 12, prologue = [] } = kind;
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
      ...(settings.clusters === undefined && { clusters: fc.constantFrom(['prod'], ['prod', 'test']) }),
    }),
    incidents: fc
      .tuple(launch, fc.array(incident, { maxLength: length, size: 'max' }))
      .map(([first, others]) => [...prologue, first, ...others]),
  });
}
