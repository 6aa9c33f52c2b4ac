import { beforeEach, describe, expect, it } from '@jest/globals';
import { createLoader, type Loader } from '../../../functions/look-up/expiring-loader.ts';
import { type VirtualClock, virtualClock } from '../../factories/clock.ts';

let clock: VirtualClock;
let asked: (readonly string[])[];
let answer: (key: string) => string | null | Error | undefined;
let loader: Loader<string | null>;

beforeEach(() => {
  clock = virtualClock();
  asked = [];
  answer = (key) => `${key} ${asked.length}`;
  loader = createLoader(
    async (keys) => {
      asked.push(keys);
      return new Map(
        keys.flatMap((key) => {
          const value = answer(key);
          return value === undefined ? [] : [[key, value] as const];
        }),
      );
    },
    { batchSize: 3, seconds: 60, clock },
  );
});

const loadAll = (...keys: string[]) => Promise.all(keys.map((key) => loader.load(key)));

describe('a look-up that is remembered', () => {
  it('gathers what is asked for at once into as few requests as AWS takes', async () => {
    expect(await loadAll('a', 'b', 'a', 'c', 'd')).toEqual(['a 1', 'b 1', 'a 1', 'c 1', 'd 2']);
    expect(asked).toEqual([['a', 'b', 'c'], ['d']]);
  });

  it('is asked for again where only what came later will do, once for all who say so', async () => {
    await loader.load('a');
    clock.advance(1000);
    const since = clock.now();
    expect(await Promise.all([loader.load('a', since), loader.load('a', since)])).toEqual(['a 2', 'a 2']);
    expect(await loader.load('a', since)).toBe('a 2');
    expect(await loader.load('a', since - 1000)).toBe('a 2');
    expect(asked).toHaveLength(2);
  });

  it('is asked for again once it is to be forgotten, and serves all the same while AWS fails', async () => {
    await loadAll('a', 'b');
    loader.forget();
    expect(await loadAll('a', 'b', 'a')).toEqual(['a 2', 'b 2', 'a 2']);
    loader.forget();
    answer = () => new Error('hangs');
    expect(await loader.load('a')).toBe('a 2');
  });

  it('is used for its time and no longer', async () => {
    await loader.load('a');
    clock.advance(59_999);
    expect(await loader.load('a')).toBe('a 1');
    clock.advance(1);
    expect(await loader.load('a')).toBe('a 2');
    clock.advance(59_999);
    expect(await loader.load('a')).toBe('a 2');
  });

  it('serves beyond its time while AWS fails, but not where only what came later will do', async () => {
    await loader.load('a');
    clock.advance(61_000);
    answer = () => new Error('hangs');
    expect(await loader.load('a')).toBe('a 1');
    await expect(loader.load('a', clock.now())).rejects.toThrow('hangs');
    clock.advance(6 * 60 * 60 * 1000);
    await expect(loader.load('a')).rejects.toThrow('hangs');
    answer = () => 'again';
    expect(await loader.load('a')).toBe('again');
  });

  it('may be that there is nothing', async () => {
    answer = () => null;
    expect([await loader.load('a'), await loader.load('a')]).toEqual([null, null]);
    expect(asked).toHaveLength(1);
  });

  it('that failed is never remembered, and fails nobody else', async () => {
    answer = (key) => (key === 'a' ? new Error('throttled') : key);
    const [failed, found] = await Promise.allSettled([loader.load('a'), loader.load('b')]);
    expect(failed).toMatchObject({ status: 'rejected', reason: { message: 'throttled' } });
    expect(found).toEqual({ status: 'fulfilled', value: 'b' });
    answer = (key) => key;
    expect(await loader.load('a')).toBe('a');
  });

  it('that nobody answered is an error, not nothing', async () => {
    answer = () => undefined;
    await expect(loader.load('a')).rejects.toThrow('no answer for a');
  });

  it('fails for all keys of a request that failed, and is tried again by the next', async () => {
    answer = () => {
      throw new Error('Rate exceeded');
    };
    const failed = await Promise.allSettled([loader.load('a'), loader.load('b')]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    answer = (key) => key;
    expect(await loadAll('a', 'b')).toEqual(['a', 'b']);
  });

  it('does not fill the memory for ever', async () => {
    for (let key = 0; key < 10_001; key++) await loader.load(String(key));
    const before = asked.length;
    await loader.load('10000');
    expect(asked).toHaveLength(before);
    await loader.load('0');
    expect(asked).toHaveLength(before + 1);
  });
});
