/** SSM parameters in memory: versions that rise, a hundred kept, no compare-and-set. */
import type { Parameters } from '../../functions/aws/parameters.ts';

export interface FakeParameters extends Parameters {
  /** Writes as somebody else would. */
  write(name: string, value: string): number;
  current(name: string): string | undefined;
  version(name: string): number;
  remove(name: string): void;
  /** Names of the parameters that were written through the interface, in order. */
  readonly puts: string[];
  readonly gets: string[][];
  /** Called before a write takes effect; may write something else, or throw. */
  beforePut: ((name: string) => void) | undefined;
  /** Called before a read is answered; may throw. */
  beforeGet: (() => void) | undefined;
  /** How many versions behind the current one `get` answers, for so many reads. */
  lag: { versions: number; reads: number };
  /** Versions that SSM does not show yet, or no more. */
  readonly hidden: Set<string>;
}

const VERSIONS_KEPT = 100;

export function fakeParameters(): FakeParameters {
  const histories = new Map<string, string[]>();
  const write = (name: string, value: string): number => {
    const history = histories.get(name) ?? [];
    histories.set(name, history);
    return history.push(value);
  };
  const read = (name: string, version: number) => {
    const value = histories.get(name)?.[version - 1];
    return value === undefined ? undefined : { value, version };
  };
  const fake: FakeParameters = {
    puts: [],
    gets: [],
    beforePut: undefined,
    beforeGet: undefined,
    lag: { versions: 0, reads: 0 },
    hidden: new Set(),
    write,
    current: (name) => histories.get(name)?.at(-1),
    version: (name) => histories.get(name)?.length ?? 0,
    remove: (name) => {
      histories.delete(name);
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
      fake.puts.push(name);
      return write(name, value);
    },
  };
  return fake;
}
