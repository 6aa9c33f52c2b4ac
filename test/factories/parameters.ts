/**
 * SSM parameters in memory: versions that rise, a hundred kept, no compare-and-set. A parameter that was deleted and created
 * again starts at version 1. What SSM does wrong is chosen by the test, so that nothing here depends on time or chance.
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

export interface FakeParameters extends Parameters {
  /** Writes as somebody else would. */
  write(name: string, value: string): number;
  current(name: string): string | undefined;
  /** The text of any version, also of one that SSM no longer keeps. */
  at(name: string, version: number): string | undefined;
  /** Number of the newest version; 0 where there is no parameter. */
  version(name: string): number;
  remove(name: string): void;
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
  /** When every version was written, in milliseconds since 1970. */
  writtenAt: number | undefined;
}

const VERSIONS_KEPT = 100;

export function fakeParameters(): FakeParameters {
  const histories = new Map<string, string[]>();
  let onTheirWay: (() => void)[] = [];
  const write = (name: string, value: string): number => {
    const history = histories.get(name) ?? [];
    histories.set(name, history);
    return history.push(value);
  };
  const read = (name: string, version: number): ParameterValue | undefined => {
    const value = histories.get(name)?.[version - 1];
    const { writtenAt } = fake;
    return value === undefined ? undefined : { value, version, ...(writtenAt !== undefined && { writtenAt }) };
  };
  const fake: FakeParameters = {
    puts: [],
    gets: [],
    beforePut: undefined,
    fate: undefined,
    beforeGet: undefined,
    lag: { versions: 0, reads: 0 },
    hidden: new Set(),
    writtenAt: undefined,
    write,
    at: (name, version) => histories.get(name)?.[version - 1],
    current: (name) => histories.get(name)?.at(-1),
    version: (name) => histories.get(name)?.length ?? 0,
    remove: (name) => {
      histories.delete(name);
    },
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
          const found = read(name, fake.version(name) - behind);
          return found ? [[name, found] as const] : [];
        }),
      );
    },
    async getVersion(name, version) {
      const isKept = version > fake.version(name) - VERSIONS_KEPT && !fake.hidden.has(`${name}:${version}`);
      return isKept ? read(name, version) : undefined;
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
