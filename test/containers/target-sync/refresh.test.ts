import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createRefresh, untilNextPass } from '../../../containers/target-sync/refresh.ts';
import { LAG } from '../../../containers/target-sync/version-guard.ts';
import { fakeSource, groupsOf, inFolder, publisherIn, reading, stillClock } from './fixtures.ts';

/** Runs `passes` passes of a refresh; `before` sees the number of the pass that comes next, from 0. */
async function runPasses(
  directory: string,
  passes: number,
  options: {
    seconds?: number;
    shards?: number[];
    /** Milliseconds from one pass to the next, as far as the publisher knows. */
    apart?: number;
    before?: (pass: number, source: ReturnType<typeof fakeSource>) => void;
  },
) {
  const clock = stillClock();
  const told = await publisherIn(directory, clock);
  const source = fakeSource();
  const stop = new AbortController();
  let done = 0;
  options.before?.(0, source);
  const refresh = createRefresh({
    ...told,
    source,
    clock,
    clusters: ['prod', 'test'],
    shards: options.shards ?? [0, 1],
    seconds: options.seconds ?? 0.01,
    afterWork: () => {
      done += 1;
      clock.advance(options.apart ?? 0);
      if (done === passes) stop.abort();
      else options.before?.(done, source);
    },
  });
  await refresh.run(stop.signal);
  return { ...told, source };
}

const setAll = (source: ReturnType<typeof fakeSource>, version: number, number: number) => {
  for (const key of ['prod/0', 'prod/1', 'test/0', 'test/1']) source.shards.set(key, reading(version, number));
};

describe('the refresh', () => {
  it('loads every shard of every cluster at the start, and changes nothing when nothing changed', () =>
    inFolder(async (directory) => {
      const { source, lines } = await runPasses(directory, 3, { before: (_, shards) => setAll(shards, 1, 1) });
      expect(source.reads).toHaveLength(6);
      expect(lines.map(({ message }) => message)).toEqual(Array(4).fill('targets written'));
    }));

  it('finds what no event told', () =>
    inFolder(async (directory) => {
      await runPasses(directory, 2, { before: (pass, source) => setAll(source, pass + 1, pass + 1) });
      expect(JSON.parse(await readFile(join(directory, 'test-1.json'), 'utf8'))).toEqual(groupsOf(2));
    }));

  it('takes a parameter that starts again at version 1 in the second pass that finds it', () =>
    inFolder(async (directory) => {
      const seen: unknown[] = [];
      await runPasses(directory, 4, {
        apart: LAG,
        before: (pass, source) => {
          setAll(source, pass === 0 ? 40 : pass, pass === 0 ? 1 : 2);
          if (pass > 0) seen.push(readFile(join(directory, 'prod-0.json'), 'utf8'));
        },
      });
      const contents = await Promise.all(seen);
      expect(contents.map((content) => JSON.parse(String(content)))).toEqual([groupsOf(1), groupsOf(1), groupsOf(2)]);
    }));

  it('tries again soon when a cluster could not be read, and publishes the others meanwhile', () =>
    inFolder(async (directory) => {
      const started = performance.now();
      const { incidents, health } = await runPasses(directory, 2, {
        seconds: 300,
        before: (pass, source) => {
          setAll(source, 1, 1);
          if (pass === 0) source.shards.delete('prod/0');
        },
      });
      expect(performance.now() - started).toBeLessThan(5000);
      expect(incidents.open()).toEqual([]);
      expect(health.report().status).toBe('ok');
    }));

  it('has no contact when nothing can be read, and says what to do', () =>
    inFolder(async (directory) => {
      const { incidents, health } = await runPasses(directory, 1, {
        before: (_, source) => {
          source.failure = Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' });
        },
      });
      expect(health.report()).toEqual({ status: 'starting' });
      expect(incidents.open()[0]).toContain('ThrottlingException: Rate exceeded – tried again more slowly');
    }));

  it('is content when no shard is this collector’s', () =>
    inFolder(async (directory) => {
      const { health } = await runPasses(directory, 1, { shards: [] });
      expect(health.report().status).toBe('ok');
    }));

  it('comes at once when it is woken', () =>
    inFolder(async (directory) => {
      const told = await publisherIn(directory, stillClock());
      const stop = new AbortController();
      const source = fakeSource();
      setAll(source, 1, 1);
      let passes = 0;
      const refresh = createRefresh({
        ...told,
        source,
        clock: stillClock(),
        clusters: ['prod'],
        shards: [0],
        seconds: 300,
        afterWork: () => {
          passes += 1;
          if (passes === 2) stop.abort();
          else setImmediate(refresh.wake);
        },
      });
      await refresh.run(stop.signal);
      expect(passes).toBe(2);
    }));

  it.each([
    ['soon after the first good pass: a killed predecessor may have taken messages', ['written'], true, 21_000],
    ['after its period once a second pass went through', ['unchanged'], false, 300_000],
    ['soon when a parameter showed an older version', ['held', 'unchanged'], false, 15_000],
    ['within a second of a failure', ['failed', 'written'], false, 500],
  ])('comes again %s', (_, results, first, expected) => {
    expect(untilNextPass({ results, failures: 0, first }, 300_000, stillClock())).toBe(expected);
  });
});
