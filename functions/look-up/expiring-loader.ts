/** Look-ups that are gathered into one request and remembered for a while. */
import DataLoader from 'dataloader';
import type { Clock } from '../discovery/clock.ts';

export interface Loader<Value> {
  /** @param since milliseconds since 1970; what was asked for before is not good enough */
  load(key: string, since?: number): Promise<Value>;
}

export interface LoaderOptions {
  /** Most keys AWS takes in one request. */
  readonly batchSize: number;
  /** How long an answer is used; an error is never remembered. */
  readonly seconds: number;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * A loader that asks for all keys of a turn at once.
 *
 * @param fetch answers a value or an error for each key; throwing fails them all
 */
export function createLoader<Value>(
  fetch: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value | Error>>,
  { batchSize, seconds, clock }: LoaderOptions,
): Loader<Value> {
  const remembered = new ExpiringMap<Promise<Value>>(seconds * 1000, clock);
  const loader = new DataLoader<string, Value>(
    async (keys) => {
      const found = await fetch(keys);
      return keys.map((key) =>
        found.has(key) ? (found.get(key) as Value | Error) : new Error(`no answer for ${key}`),
      );
    },
    { maxBatchSize: batchSize, cacheMap: remembered },
  );
  return {
    async load(key, since = 0) {
      if (remembered.askedAt(key) < since) loader.clear(key);
      try {
        return await loader.load(key);
      } catch (error) {
        loader.clear(key);
        throw error;
      }
    },
  };
}

/** A map that forgets: what DataLoader needs of a map, with an age limit and a bound on its size. */
class ExpiringMap<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly at: number }>();
  readonly #milliseconds: number;
  readonly #clock: Pick<Clock, 'now'>;

  constructor(milliseconds: number, clock: Pick<Clock, 'now'>) {
    this.#milliseconds = milliseconds;
    this.#clock = clock;
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key);
    return entry && entry.at + this.#milliseconds > this.#clock.now() ? entry.value : undefined;
  }

  /** In milliseconds since 1970; later than any time where it never was. */
  askedAt(key: string): number {
    return this.#entries.get(key)?.at ?? Number.POSITIVE_INFINITY;
  }

  set(key: string, value: Value): void {
    if (this.#entries.size >= MAX_ENTRIES) this.#entries.clear();
    this.#entries.set(key, { value, at: this.#clock.now() });
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }
}

/** Far more task definitions or services than one account's Lambda meets between two cold starts. */
const MAX_ENTRIES = 10_000;
