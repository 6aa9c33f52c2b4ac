/** Look-ups that are gathered into one request and remembered for a while. */
import DataLoader from 'dataloader';
import type { Clock } from '../discovery/clock.ts';

export interface Loader<Value> {
  /**
   * An answer that is no longer fresh is used where AWS fails to give a new one.
   *
   * @param since milliseconds since 1970; what was asked for before is not good enough, also when AWS fails
   */
  load(key: string, since?: number): Promise<Value>;
  /** Asks for everything again; what is remembered serves only where AWS fails to give a new answer. */
  forget(): void;
}

interface LoaderOptions {
  /** Most keys AWS takes in one request. */
  readonly batchSize: number;
  /** How long an answer is used without asking again; an error is never remembered. */
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
  const latest = new ExpiringMap<Value>(STALE_MILLISECONDS, clock);
  return {
    async load(key, since = 0) {
      if (remembered.askedAt(key) < since) loader.clear(key);
      try {
        const value = await loader.load(key);
        latest.set(key, value);
        return value;
      } catch (error) {
        loader.clear(key);
        const stale = since === 0 ? latest.get(key) : undefined;
        if (stale === undefined) throw error;
        return stale;
      }
    },
    forget: () => {
      loader.clearAll();
    },
  };
}

/** How long an answer serves while AWS does not give a newer one: a service that is down holds up only what is new. */
const STALE_MILLISECONDS = 6 * 60 * 60 * 1000;

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
