import { readdir, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createHealth } from '../../../containers/target-sync/operator/health.ts';
import { newClusters, startSync } from '../../../containers/target-sync/sync/start-sync.ts';
import { fakeQueue, fakeSource, fillableFiles, inFolder, listeningLog, stillClock, until } from './fixtures.ts';
import { address, announcing, configuration, numberIn, stop, upsert } from './statements.ts';
import { volumeIn } from './volume.ts';

interface Options {
  readonly clusters?: readonly string[];
  readonly shards?: number;
  readonly owns?: (shard: number) => boolean;
}

/** An AWS whose SSM does not answer unless a test says so, and lives of target-sync on one volume. */
async function lives(root: string) {
  const disk = fillableFiles();
  const volume = await volumeIn(root, disk);
  const clock = stillClock();
  const queue = fakeQueue(clock);
  const source = fakeSource();
  async function live(
    action: (told: ReturnType<typeof listeningLog> & { health: string }) => Promise<void>,
    options: Options = {},
  ) {
    const { clusters = ['prod'], shards = 2, owns = () => true } = options;
    const told = listeningLog();
    const health = createHealth(clock.now, 1000);
    const stopping = new AbortController();
    let readings = 0;
    const parts = { ...volume, ...told, queue, source, health, clock, owns };
    const settings = { deployment: 'discovery', clusters, shards, refreshSeconds: 300 };
    const running = startSync(
      {
        ...parts,
        settings,
        clusters: newClusters(settings, owns),
        afterWork: () => {
          readings += 1;
        },
      },
      stopping.signal,
    );
    await until(() => readings > 0);
    await action({ ...told, health: health.report().status });
    stopping.abort();
    await running;
  }
  const configure = (cluster: string, shard: number, version: number, ...numbers: number[]) =>
    source.shards.set(`${cluster}/${shard}`, configuration(version, ...numbers.map((number) => upsert(number))));
  return { ...volume, disk, queue, source, live, configure };
}

const [a, b, c] = [numberIn(0, 2), numberIn(1, 2), numberIn(0, 2, 1)];

describe('target-sync on a volume', () => {
  it('that is empty is healthy when the configuration was read', () =>
    inFolder(async (root) => {
      const { live, configure, addresses, source } = await lives(root);
      await live(async ({ health }) => expect(health).toBe('starting'));
      configure('prod', 0, 1, a);
      configure('prod', 1, 1, b);
      await live(async ({ health }) => expect(health).toBe('ok'));
      expect([await addresses(0), await addresses(1), source.reads.length]).toEqual([[address(a)], [address(b)], 2]);
    }));

  it('that is full is healthy without AWS, and shows all that was heard and read', () =>
    inFolder(async (root) => {
      const { live, configure, addresses, source, queue } = await lives(root);
      configure('prod', 0, 1, a);
      configure('prod', 1, 1, b);
      await live(async () => {
        queue.send(announcing([upsert(c), stop(b)]));
        await until(() => queue.deleted.length === 1);
      });
      source.failures.set('all', new Error('gone'));
      await live(async ({ health }) => expect(health).toBe('ok'));
      expect([await addresses(0), await addresses(1)]).toEqual([[address(a), address(c)].sort(), []]);
      // What was configured is not shown again on the word of an old observation.
      await live(async () => {
        queue.send(announcing([upsert(b)]));
        await until(() => queue.deleted.length === 2);
      });
      expect(await addresses(1)).toEqual([]);
    }));

  it('writes the files that a killed process had remembered and not written', () =>
    inFolder(async (root) => {
      const { live, stateFiles, source, addresses } = await lives(root);
      source.failures.set('all', new Error('gone'));
      for (const shard of [0, 1]) {
        await stateFiles.save('prod', shard, {
          configuration: configuration(3, upsert(shard === 0 ? a : b)),
          heard: [],
        });
      }
      await live(async () => {});
      expect([await addresses(0), await addresses(1)]).toEqual([[address(a)], [address(b)]]);
    }));

  it('is not healthy where a file that it remembers cannot be written', () =>
    inFolder(async (root) => {
      const { live, configure, source, disk, directory } = await lives(root);
      configure('prod', 0, 1, a);
      configure('prod', 1, 1, b);
      await live(async () => {});
      source.failures.set('all', new Error('gone'));
      await writeFile(join(directory, 'prod-0.json'), '[');
      disk.full = true;
      await live(async ({ health }) => expect(health).toBe('starting'));
    }));

  it('leaves a file as it is whose state is damaged, until the shard was read', () =>
    inFolder(async (root) => {
      const { live, configure, addresses, source, queue, state } = await lives(root);
      configure('prod', 0, 1, a);
      configure('prod', 1, 1, b);
      await live(async () => {});
      await truncate(join(state, 'prod-0.state'), 10);
      source.failures.set('all', new Error('gone'));
      await live(async ({ health }) => {
        expect(health).toBe('starting');
        queue.send(announcing([upsert(c)]));
        await until(() => queue.waiting() === 0);
      });
      expect([await addresses(0), queue.deleted]).toEqual([[address(a)], []]);
      source.failures.clear();
      await live(async () => {});
      expect(await addresses(0)).toEqual([address(a)]);
    }));

  it('with fewer shards than before keeps every target, and the files of no other', () =>
    inFolder(async (root) => {
      const { live, configure, addresses, directory, state, source } = await lives(root);
      configure('prod', 0, 1, a);
      configure('prod', 1, 1, b);
      await live(async () => {});
      source.failures.set('all', new Error('gone'));
      await live(async () => {}, { shards: 1 });
      expect([await addresses(0), await readdir(directory)]).toEqual([
        [address(a), address(b)].sort(),
        ['prod-0.json'],
      ]);
      expect(await readdir(state)).toEqual(['prod-0.state']);
      // Also after the next restart, when the other state is gone.
      await live(async () => {}, { shards: 1 });
      expect(await addresses(0)).toEqual([address(a), address(b)].sort());
    }));

  it('with more shards than before has a task in its new file before it leaves the other', () =>
    inFolder(async (root) => {
      const { live, source, queue } = await lives(root);
      source.failures.set('all', new Error('gone'));
      const heard = async () => {
        queue.send(announcing([upsert(a), upsert(b)]));
        await until(() => queue.deleted.length === 1);
      };
      await live(heard, { shards: 1 });
      await live(async ({ lines }) => {
        expect(lines.filter(({ level }) => level === 'info').map((line) => line['shard'])).toEqual([1, 0]);
      });
    }));

  it('takes away no file before its targets are in another', () =>
    inFolder(async (root) => {
      const { live, configure, addresses, source, disk } = await lives(root);
      configure('prod', 0, 1, a);
      configure('prod', 1, 1, b);
      await live(async () => {});
      source.failures.set('all', new Error('gone'));
      let shown: readonly string[] | undefined = [];
      const { rm } = disk;
      disk.rm = async (path, options) => {
        if (String(path).endsWith('prod-1.json')) shown = await addresses(0);
        await rm(path, options);
      };
      await live(async () => {}, { shards: 1 });
      expect(shown).toContain(address(b));
    }));

  it('that cannot be listed is used all the same, and files of others stay', () =>
    inFolder(async (root) => {
      const { live, configure, addresses, disk } = await lives(root);
      configure('prod', 0, 1, a);
      configure('prod', 1, 1, b);
      disk.readdir = async () => {
        throw Object.assign(new Error('EIO: i/o error, scandir'), { code: 'EIO' });
      };
      await live(async ({ incidents, health }) => {
        expect([health, incidents.open().map(({ subject }) => subject)]).toEqual(['ok', ['files']]);
      });
      expect(await addresses(1)).toEqual([address(b)]);
    }));

  it('that holds changes and no configuration is healthy when that was read', () =>
    inFolder(async (root) => {
      const { live, stateFiles, source } = await lives(root);
      source.failures.set('all', new Error('gone'));
      for (const shard of [0, 1]) {
        const heard = [{ change: upsert(shard === 0 ? a : b), heardAt: 1 }];
        await stateFiles.save('prod', shard, { configuration: undefined, heard });
      }
      await live(async ({ health }) => expect(health).toBe('starting'));
    }));

  it('forgets shards of other collectors and clusters that are no longer watched, and what it left half written', () =>
    inFolder(async (root) => {
      const { live, configure, directory, state } = await lives(root);
      for (const cluster of ['prod', 'old']) for (const shard of [0, 1]) configure(cluster, shard, 1);
      await live(async () => {}, { clusters: ['prod', 'old'] });
      expect(await readdir(directory)).toHaveLength(4);
      await writeFile(join(state, '.target-sync-0b9c1d5e-7a41-4c4e-9d25-0c6f4b8f2a11.tmp'), '{');
      await live(
        async ({ lines }) => {
          const [{ removed } = { removed: [] }] = lines.filter(({ message }) => message.startsWith('removed files'));
          expect([...(removed as string[])].sort()).toEqual(['old-0.json', 'old-1.json', 'prod-0.json']);
        },
        { owns: (shard) => shard === 1 },
      );
      expect([await readdir(directory), await readdir(state)]).toEqual([['prod-1.json'], ['prod-1.state']]);
    }));

  it('writes nothing when nothing changed', () =>
    inFolder(async (root) => {
      const { live, configure, disk } = await lives(root);
      configure('prod', 0, 1, a);
      configure('prod', 1, 1, b);
      await live(async () => {});
      disk.full = true;
      await live(async ({ incidents, lines }) => expect([incidents.open(), lines]).toEqual([[], []]));
    }));
});
