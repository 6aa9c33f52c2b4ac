import { describe, expect, it } from '@jest/globals';
import { createHealth } from '../../../containers/target-sync/operator/health.ts';
import { ClusterTargets, REMOVAL_MEMORY } from '../../../containers/target-sync/sync/cluster-targets.ts';
import {
  createConfigurationReader,
  untilNextReading,
} from '../../../containers/target-sync/sync/configuration-reader.ts';
import { createPublisher } from '../../../containers/target-sync/sync/publisher.ts';
import { fakeSource, fillableFiles, inFolder, listeningLog, stillClock, until } from './fixtures.ts';
import { address, configuration, numberIn, stop, upsert } from './statements.ts';
import { volumeIn } from './volume.ts';

const SHARDS = 12;

/** A reader of a cluster of twelve shards, of which each holds one task; a test wakes it. */
async function readerIn(root: string, shards: readonly number[] = [...Array(SHARDS).keys()]) {
  const clock = stillClock();
  const disk = fillableFiles();
  const volume = await volumeIn(root, disk);
  const told = listeningLog();
  const known = new ClusterTargets(SHARDS);
  const clusters = new Map([['prod', known]]);
  const publisher = createPublisher({ ...volume, ...told, clusters });
  const source = fakeSource();
  const setAll = (version: number) => {
    for (const shard of Array(SHARDS).keys()) {
      source.shards.set(`prod/${shard}`, configuration(version, upsert(numberIn(shard, SHARDS), version)));
    }
  };
  setAll(1);
  const health = createHealth(clock.now, 1_000_000);
  let readings = 0;
  const reader = createConfigurationReader({
    ...{ ...told, source, clusters, shards, publisher, health, clock, seconds: 300 },
    afterWork: () => {
      readings += 1;
    },
  });
  const stopping = new AbortController();
  const running = reader.run(stopping.signal);
  await until(() => readings === 1);
  return {
    ...{ ...volume, ...told, clock, disk, known, source, setAll, health, reader },
    /** Waits for what is wanted. */
    async want(...numbers: number[]) {
      let isDone = false;
      const before = readings;
      reader.want('prod', new Set(numbers), () => {
        isDone = true;
      });
      await until(() => readings > before);
      return isDone;
    },
    async end() {
      stopping.abort();
      await running;
    },
  };
}

describe('the reader of the configuration', () => {
  it('reads every shard at the start, as many at once as a request takes, and writes the files', () =>
    inFolder(async (root) => {
      const { source, addresses, health, end } = await readerIn(root);
      expect(source.reads).toEqual(['prod:0,1,2,3,4,5,6,7,8,9', 'prod:10,11']);
      for (const shard of Array(SHARDS).keys())
        expect(await addresses(shard)).toEqual([address(numberIn(shard, SHARDS))]);
      expect(health.report().status).toBe('ok');
      await end();
    }));

  it('reads what is wanted, and says when it has', () =>
    inFolder(async (root) => {
      const { source, want, known, setAll, end } = await readerIn(root);
      setAll(2);
      expect(await want(3, 11)).toBe(true);
      expect(source.reads.slice(2)).toEqual(['prod:3,11']);
      expect([known.version(3), known.version(4)]).toEqual([2, 1]);
      await end();
    }));

  it('does not say so of a shard that could not be read, and of no other for its sake', () =>
    inFolder(async (root) => {
      const { source, reader, want, known, setAll, incidents, end } = await readerIn(root);
      source.failures.set(3, Object.assign(new Error('Rate exceeded'), { name: 'ThrottlingException' }));
      setAll(2);
      let isDone = false;
      reader.want('prod', new Set([11]), () => {
        isDone = true;
      });
      reader.want('prod', new Set([0]), () => {
        isDone = true;
      });
      expect(await want(3)).toBe(false);
      expect(isDone).toBe(false);
      expect(known.version(11)).toBe(1);
      expect(incidents.open()[0]?.problem).toContain('ThrottlingException: Rate exceeded – tried again more slowly');
      await end();
    }));

  it('goes on with the others when a request fails', () =>
    inFolder(async (root) => {
      const { source, clock, setAll, want, known, incidents, end } = await readerIn(root);
      source.failures.set(3, new Error('refused'));
      setAll(2);
      clock.advance(15_000);
      await want();
      expect([known.version(3), known.version(11)]).toEqual([1, 2]);
      source.failures.clear();
      clock.advance(1000);
      await want();
      expect([known.version(3), incidents.open()]).toEqual([2, []]);
      await end();
    }));

  it('leaves the file of a shard that is missing, says what to do, and goes on with the others', () =>
    inFolder(async (root) => {
      const { source, clock, setAll, want, addresses, incidents, end } = await readerIn(root);
      setAll(2);
      source.shards.delete('prod/0');
      clock.advance(15_000);
      await want();
      expect(incidents.open().map(({ problem }) => problem)).toEqual([
        'the file stays as it is: /discovery/prod/targets/0 holds no shard – run resync, which writes it again',
      ]);
      expect(await addresses(0)).toEqual([address(numberIn(0, SHARDS))]);
      expect(await want(0)).toBe(false);
      expect(await want(1)).toBe(true);
      await end();
    }));

  it('does not call a shard read whose file could not be written', () =>
    inFolder(async (root) => {
      const { want, disk, setAll, end } = await readerIn(root);
      disk.full = true;
      setAll(2);
      expect(await want(1)).toBe(false);
      disk.full = false;
      expect(await want(1)).toBe(true);
      await end();
    }));

  it('comes back soon to what was wanted and could not be read', () =>
    inFolder(async (root) => {
      const { source, clock, setAll, want, known, end } = await readerIn(root);
      source.failures.set(3, new Error('refused'));
      setAll(2);
      await want(3);
      source.failures.clear();
      clock.advance(1000);
      await want();
      expect(known.version(3)).toBe(2);
      await end();
    }));

  it('lets go of removals whose time has passed', () =>
    inFolder(async (root) => {
      const { known, clock, want, end } = await readerIn(root);
      const gone = stop(numberIn(0, SHARDS, 1));
      known.hear(gone, clock.now());
      clock.advance(REMOVAL_MEMORY);
      await want();
      expect(known.knows(gone)).toBe(false);
      await end();
    }));

  it('has no contact while nothing can be read', () =>
    inFolder(async (root) => {
      const { health, clock, source, want, end } = await readerIn(root);
      source.failures.set('all', new Error('gone'));
      clock.advance(1_000_001);
      await want();
      expect(health.report().status).toBe('failing');
      source.failures.clear();
      clock.advance(15_000);
      await want();
      expect(health.report().status).toBe('ok');
      await end();
    }));

  it('has contact where no shard is its own', () =>
    inFolder(async (root) => {
      const { health, source, end } = await readerIn(root, []);
      expect([health.report().status, source.reads]).toEqual(['ok', []]);
      await end();
    }));

  it.each([
    // results, failures, age in minutes, milliseconds
    [['read'], 0, 9, 15_000],
    [['read'], 0, 10, 300_000],
    [['read', 'lower'], 0, 10, 15_000],
    [['read', 'failed'], 0, 10, 500],
    [['failed'], 5, 10, 16_000],
    [['failed'], 20, 10, 150_000],
    [['failed'], 20, 9, 15_000],
  ] as const)('comes again after %j, %i failures, at %i minutes in %i ms', (results, failures, minutes, expected) => {
    expect(untilNextReading({ results, failures, age: minutes * 60_000 }, 300_000, stillClock())).toBe(expected);
  });
});
