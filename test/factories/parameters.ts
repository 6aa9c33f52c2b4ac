/**
 * SSM parameters in memory: versions that rise, a hundred kept, no compare-and-set. A parameter that was deleted and created
 * again starts at version 1, and reads may show the life before. What SSM does wrong is chosen by the test, so that nothing here depends on time or chance.
 */
import type { Parameters, ParameterValue } from '../../functions/aws/parameters.ts';
import { awsError } from './senders.ts';

/**
 * What becomes of a put.
 *
 * - `made`: it is written, and answered.
 * - `throttled`: it is refused, and did nothing.
 * - `lost`: it did nothing, but its caller hears only of a timeout.
 * - `unheard`: it is written, but its caller hears only of a timeout.
 * - `late`: its caller hears of a timeout; it is written when the test says so, see {@link FakeParameters.land}.
 */
export type PutFate = 'made' | 'throttled' | 'lost' | 'unheard' | 'late';

/** Which life of a parameter a read shows: `nothing` as between two of them. */
export type View = 'now' | 'before' | 'nothing';

export interface FakeParameters extends Parameters {
  /** Writes as somebody else would. */
  write(name: string, value: string): number;
  current(name: string): string | undefined;
  /** The text of any version, also of one that SSM no longer keeps. */
  at(name: string, version: number): string | undefined;
  /** Number of the newest version; 0 where there is no parameter. */
  version(name: string): number;
  /** Ends the life of a parameter; the next write begins another. */
  remove(name: string): void;
  /** How often a parameter was removed. */
  life(name: string): number;
  /** Writes the puts that are still on their way, in the order in which they were sent. */
  land(): void;
  /** Names of the parameters that were written through the interface, in order. */
  readonly puts: string[];
  readonly gets: string[][];
  /** Called before a write takes effect; may write something else, or throw. */
  beforePut: ((name: string) => void) | undefined;
  /** Asked once for each put. */
  fate: (() => PutFate) | undefined;
  /** Called before a read is answered; may throw. */
  beforeGet: (() => void) | undefined;
  /** How many versions behind the current one `get` answers, for so many reads. */
  lag: { versions: number; reads: number };
  /** Versions that SSM does not show yet, or no more. */
  readonly hidden: Set<string>;
  /** Asked once for each parameter that is read. */
  view: ((name: string) => View) | undefined;
  /** SSM's clock, in milliseconds since 1970; versions that are written without one say no time. */
  now: (() => number) | undefined;
  /** When every version was written, whatever {@link now} said. */
  writtenAt: number | undefined;
}

interface Version {
  readonly value: string;
  readonly writtenAt: number | undefined;
}

const VERSIONS_KEPT = 100;

export function fakeParameters(): FakeParameters {
  /** The lives of each parameter; the last one is the one of now. */
  const lives = new Map<string, Version[][]>();
  let onTheirWay: (() => void)[] = [];
  const seen = (name: string, view: View): readonly Version[] =>
    view === 'nothing' ? [] : (lives.get(name)?.at(view === 'now' ? -1 : -2) ?? []);
  const viewOf = (name: string): View => fake.view?.(name) ?? 'now';
  const write = (name: string, value: string): number => {
    const all = lives.get(name) ?? [[]];
    lives.set(name, all);
    return (all.at(-1) ?? []).push({ value, writtenAt: fake.now?.() });
  };
  const read = (versions: readonly Version[], version: number): ParameterValue | undefined => {
    const found = versions[version - 1];
    const writtenAt = fake.writtenAt ?? found?.writtenAt;
    return found && { value: found.value, version, ...(writtenAt !== undefined && { writtenAt }) };
  };
  const fake: FakeParameters = {
    puts: [],
    gets: [],
    beforePut: undefined,
    fate: undefined,
    beforeGet: undefined,
    lag: { versions: 0, reads: 0 },
    hidden: new Set(),
    view: undefined,
    now: undefined,
    writtenAt: undefined,
    write,
    at: (name, version) => seen(name, 'now')[version - 1]?.value,
    current: (name) => seen(name, 'now').at(-1)?.value,
    version: (name) => seen(name, 'now').length,
    remove: (name) => {
      if (fake.version(name) > 0) lives.get(name)?.push([]);
    },
    life: (name) => (lives.get(name)?.length ?? 1) - 1,
    land() {
      const landing = onTheirWay;
      onTheirWay = [];
      for (const make of landing) make();
    },
    async get(names) {
      fake.gets.push([...names]);
      fake.beforeGet?.();
      const behind = fake.lag.reads-- > 0 ? fake.lag.versions : 0;
      return new Map(
        names.flatMap((name) => {
          const versions = seen(name, viewOf(name));
          const found = read(versions, versions.length - behind);
          return found ? [[name, found] as const] : [];
        }),
      );
    },
    async getVersion(name, version) {
      const versions = seen(name, viewOf(name));
      const isKept = version > versions.length - VERSIONS_KEPT && !fake.hidden.has(`${name}:${version}`);
      return isKept ? read(versions, version) : undefined;
    },
    async put(name, value) {
      fake.beforePut?.(name);
      const fate = fake.fate?.() ?? 'made';
      if (fate === 'throttled') throw awsError('ThrottlingException');
      fake.puts.push(name);
      if (fate === 'late') onTheirWay.push(() => write(name, value));
      if (fate === 'unheard') write(name, value);
      if (fate !== 'made') throw awsError('TimeoutError', 'no answer');
      return write(name, value);
    },
  };
  return fake;
}
