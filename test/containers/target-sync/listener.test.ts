import { describe, expect, it } from '@jest/globals';
import { ClusterTargets } from '../../../containers/target-sync/sync/cluster-targets.ts';
import { LAG } from '../../../containers/target-sync/sync/known-configuration.ts';
import { listen } from '../../../containers/target-sync/sync/listener.ts';
import { createPublisher } from '../../../containers/target-sync/sync/publisher.ts';
import type { TaskChange } from '../../../functions/discovery/change/change.ts';
import { fakeQueue, fillableFiles, inFolder, listeningLog, stillClock, until } from './fixtures.ts';
import { address, announcing, configuration, deselect, NOW, numberIn, stop, upsert } from './statements.ts';
import { volumeIn } from './volume.ts';

interface Wanted {
  readonly cluster: string;
  readonly shards: readonly number[];
  readonly done: () => void;
}

/** A listener whose batches a test runs one by one: of two shards, of which it may own one alone. */
async function listenerIn(root: string, owns: (shard: number) => boolean = () => true) {
  const clock = stillClock();
  const disk = fillableFiles();
  const volume = await volumeIn(root, disk);
  const told = listeningLog();
  const known = new ClusterTargets(2, owns);
  const clusters = new Map([['prod', known]]);
  const publisher = createPublisher({ ...volume, ...told, clusters });
  const queue = fakeQueue(clock);
  const wanted: Wanted[] = [];
  const heard: TaskChange[] = [];
  const shown: number[] = [];
  const parts = {
    ...{ ...told, clusters, publisher, queue, clock, owns, deployment: 'discovery' },
    reader: {
      want: (cluster: string, shards: ReadonlySet<number>, done = () => {}) => {
        wanted.push({ cluster, shards: [...shards], done });
      },
    },
    observer: {
      heard: (_: string, change: TaskChange) => heard.push(change),
      shown: (changedAt: number) => shown.push(changedAt),
    },
  };
  const round = async () => {
    const stopping = new AbortController();
    await listen({ ...parts, afterWork: () => stopping.abort() }, stopping.signal);
    // Deletions are not waited for.
    await new Promise(setImmediate);
  };
  return { ...volume, ...told, clock, disk, known, queue, wanted, heard, shown, parts, round };
}

const [here, there] = [numberIn(0, 2), numberIn(1, 2)];

describe('the listener', () => {
  it('puts what it hears into the files, and deletes the message when state and file are written', () =>
    inFolder(async (root) => {
      const { queue, round, addresses, stateFiles, known } = await listenerIn(root);
      queue.send(announcing([upsert(here), upsert(there)]));
      await round();
      expect([await addresses(0), await addresses(1)]).toEqual([[address(here)], [address(there)]]);
      expect(await stateFiles.load('prod', 1)).toEqual(known.state(1));
      expect(queue.deleted).toHaveLength(1);
      queue.send(announcing([stop(here)]));
      await round();
      expect(await addresses(0)).toEqual([]);
      expect(queue.deleted).toHaveLength(2);
    }));

  it('writes the file of a shard once for a whole batch', () =>
    inFolder(async (root) => {
      const { queue, round, addresses, lines } = await listenerIn(root);
      for (let version = 1; version <= 10; version += 1) {
        queue.send(announcing([upsert(here, version, NOW, 3000 + version)]));
      }
      await round();
      expect(await addresses(0)).toEqual([address(here, 3010)]);
      expect(lines).toHaveLength(1);
      expect(queue.deleted).toHaveLength(10);
    }));

  it('does nothing for shards of other collectors, clusters and deployments, and keeps none of it', () =>
    inFolder(async (root) => {
      const { queue, round, addresses, known, wanted } = await listenerIn(root, (shard) => shard === 0);
      const others = { shards: 2, version: 3, shard: 1 };
      queue.send(announcing([upsert(there)], { written: [others], compared: [{ ...others, at: NOW }] }));
      queue.send(announcing([upsert(here)], { cluster: 'test' }));
      queue.send(announcing([upsert(here)], { deployment: 'other' }));
      queue.send(announcing([upsert(there)]), { receiveCount: 2 });
      await round();
      expect([await addresses(0), await addresses(1), wanted]).toEqual([undefined, undefined, []]);
      expect(known.state(1).heard).toEqual([]);
      expect(queue.deleted).toHaveLength(4);
    }));

  it('passes over what is said of another number of shards', () =>
    inFolder(async (root) => {
      const { queue, round, wanted } = await listenerIn(root);
      queue.send(
        announcing([], {
          written: [
            { shard: 3, shards: 4, version: 3 },
            { shard: 1, shards: 4, version: 3 },
          ],
        }),
      );
      await round();
      expect([wanted, queue.deleted.length]).toEqual([[], 1]);
    }));

  it('drops a message that is no announcement without repeating what it says, and takes the others', () =>
    inFolder(async (root) => {
      const { queue, round, addresses, lines } = await listenerIn(root);
      queue.send('{"password":"secret"');
      queue.send(announcing([upsert(here)]));
      await round();
      expect(await addresses(0)).toEqual([address(here)]);
      expect(queue.deleted).toHaveLength(2);
      expect(lines[0]).toMatchObject({ level: 'warn', bytes: 20 });
      expect(JSON.stringify(lines)).not.toContain('secret');
    }));

  it('asks for a shard of which there is a version that it does not know, and deletes the notice', () =>
    inFolder(async (root) => {
      const { queue, round, wanted, known } = await listenerIn(root);
      known.read(0, configuration(3), NOW * 1000);
      queue.send(announcing([], { written: [{ shard: 0, shards: 2, version: 3 }] }));
      queue.send(
        announcing([], {
          written: [
            { shard: 0, shards: 2, version: 4 },
            { shard: 1, shards: 2, version: 1 },
          ],
        }),
      );
      await round();
      expect(wanted).toMatchObject([{ cluster: 'prod', shards: [0, 1] }]);
      expect(queue.deleted).toHaveLength(2);
    }));

  it('asks for a shard whose version is lower than the one it knows: the parameter began again', () =>
    inFolder(async (root) => {
      const { queue, round, wanted, known } = await listenerIn(root);
      known.read(0, configuration(3), NOW * 1000);
      queue.send(announcing([], { written: [{ shard: 0, shards: 2, version: 1 }] }));
      await round();
      expect(wanted).toMatchObject([{ shards: [0] }]);
    }));

  it.each([
    // change, seconds from the observation to the first receipt, receives, is it believed?
    [upsert(here), 30, 1, true],
    [upsert(here), 31, 1, false],
    [upsert(here), 0, 2, false],
    [deselect(here, 2), 31, 1, false],
    [deselect(here, 2), 0, 2, false],
    [deselect(here, 2), 30, 1, true],
    [stop(here), 3600, 1, true],
    [stop(here), 3600, 40, true],
  ] as const)(
    'by the clock of SQS believes %j after %i s at receive %i: %s',
    (change, seconds, receiveCount, isBelieved) =>
      inFolder(async (root) => {
        const { queue, round, known, wanted, clock } = await listenerIn(root);
        // The clock of this host is wrong by a day.
        clock.advance(86_400_000);
        known.read(0, configuration(1), NOW * 1000);
        queue.send(announcing([change]), { receiveCount, firstReceivedAt: (NOW + seconds) * 1000 });
        await round();
        expect(known.knows(change)).toBe(isBelieved);
        expect(wanted.map(({ shards }) => shards)).toEqual(isBelieved ? [] : [[0]]);
        expect(queue.deleted).toHaveLength(isBelieved ? 1 : 0);
        for (const { done } of wanted) done();
        await until(() => queue.deleted.length === 1);
      }),
  );

  it('need not read for what comes again and is known', () =>
    inFolder(async (root) => {
      const { queue, round, wanted } = await listenerIn(root);
      queue.send(announcing([upsert(here)]));
      await round();
      queue.send(announcing([upsert(here)]), { receiveCount: 2 });
      await round();
      expect([wanted, queue.deleted.length]).toEqual([[], 2]);
    }));

  it.each([
    ['takes the word of resync', [], 1, false],
    ['does not take it for a shard whose differences it does not believe', [upsert(there, 2)], 2, true],
    ['hears the differences of the same announcement before it', [upsert(there, 1)], 1, true],
  ])('%s', (_, changes, receiveCount, isShown) =>
    inFolder(async (root) => {
      const { queue, round, known, clock } = await listenerIn(root);
      known.read(1, configuration(1), clock.now());
      known.hear(upsert(there, 1, NOW - 3600), clock.now());
      queue.send(announcing(changes, { compared: [{ shard: 1, shards: 2, version: 1, at: NOW }] }), { receiveCount });
      await round();
      clock.advance(LAG);
      known.read(1, configuration(1), clock.now());
      expect(known.targets(1)).toHaveLength(isShown ? 1 : 0);
    }),
  );

  it('keeps a message whose file could not be written, and writes the file when it comes again', () =>
    inFolder(async (root) => {
      const { queue, round, disk, addresses } = await listenerIn(root);
      disk.full = true;
      queue.send(announcing([upsert(here)]));
      await round();
      expect(queue.deleted).toEqual([]);
      disk.full = false;
      queue.send(announcing([upsert(there)]));
      await round();
      // A message about another shard has nothing to do with it.
      expect([await addresses(0), await addresses(1), queue.deleted.length]).toEqual([undefined, [address(there)], 1]);
      queue.send(announcing([upsert(here)]), { receiveCount: 2 });
      await round();
      expect(await addresses(0)).toEqual([address(here)]);
      expect(queue.deleted).toHaveLength(2);
    }));

  it('is held up by no deletion that hangs or fails', () =>
    inFolder(async (root) => {
      const { queue, round, addresses, incidents } = await listenerIn(root);
      queue.deletion = new Promise(() => {});
      queue.send(announcing([upsert(here)]));
      await round();
      queue.deletion = Promise.reject(new Error('refused'));
      queue.send(announcing([upsert(there)]));
      await round();
      expect([await addresses(0), await addresses(1)]).toEqual([[address(here)], [address(there)]]);
      expect(incidents.open()[0]?.problem).toContain('messages come again: Error: refused');
      queue.deletion = Promise.resolve();
      queue.send(announcing([]));
      await round();
      expect(incidents.open()).toEqual([]);
    }));

  it('tells what is new of it, and when it is in the files', () =>
    inFolder(async (root) => {
      const { queue, round, heard, shown, disk } = await listenerIn(root);
      queue.send(announcing([upsert(here), upsert(there)], { changedAt: 5 }));
      queue.send(announcing([upsert(here)], { changedAt: 6 }));
      await round();
      expect(heard.map((it) => it.taskId).sort()).toEqual([upsert(here).taskId, upsert(there).taskId].sort());
      expect(shown).toEqual([5]);
      disk.full = true;
      queue.send(announcing([stop(here)], { changedAt: 7 }));
      await round();
      expect([heard.length, shown]).toEqual([3, [5]]);
    }));

  it('lives through a queue that cannot be reached, and says what to check', () =>
    inFolder(async (root) => {
      const { queue, round, incidents, lines, addresses } = await listenerIn(root);
      queue.receiveFailure = Object.assign(new Error('gone'), { name: 'QueueDoesNotExist' });
      const running = round();
      await until(() => incidents.open().length > 0);
      expect(incidents.open()[0]?.problem).toContain('set TARGET_SYNC_QUEUE_URL to the queue of this collector');
      queue.receiveFailure = undefined;
      queue.send(announcing([upsert(here)]));
      await running;
      expect(await addresses(0)).toEqual([address(here)]);
      expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    }));

  it('hears what comes while files are being written, and writes each file once for all of it', () =>
    inFolder(async (root) => {
      const { parts, queue, addresses, lines } = await listenerIn(root);
      const stopping = new AbortController();
      let batches = 0;
      const running = listen({ ...parts, afterWork: () => (batches += 1) }, stopping.signal);
      for (let version = 1; version <= 60; version += 1)
        queue.send(announcing([upsert(here, version, NOW, 3000 + version)]));
      await until(() => batches === 6);
      stopping.abort();
      await running;
      expect([await addresses(0), queue.deleted.length]).toEqual([[address(here, 3060)], 60]);
      expect(lines.length).toBeLessThan(6);
    }));

  it('receives no more than eight batches while none of their files is written', () =>
    inFolder(async (root) => {
      const { parts, queue } = await listenerIn(root);
      const stopping = new AbortController();
      let write = () => {};
      const isWritten = new Promise<void>((resolve) => {
        write = resolve;
      });
      let received = 0;
      const slow = {
        ...queue,
        receive: (...options: Parameters<typeof queue.receive>) => {
          received++;
          return queue.receive(...options);
        },
      };
      const publisher = { ...parts.publisher, publish: () => isWritten.then(() => true) };
      for (let version = 1; version <= 200; version += 1) queue.send(announcing([upsert(here, version)]));
      const running = listen({ ...parts, queue: slow, publisher, afterWork: () => {} }, stopping.signal);
      for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
      expect(received).toBe(8);
      stopping.abort();
      write();
      await running;
    }));

  it('ends only when what it took is in the files', () =>
    inFolder(async (root) => {
      const { parts, queue, addresses } = await listenerIn(root);
      const stopping = new AbortController();
      const publisher = {
        ...parts.publisher,
        async publish(cluster: string, shard: number) {
          stopping.abort();
          await new Promise(setImmediate);
          return parts.publisher.publish(cluster, shard);
        },
      };
      queue.send(announcing([upsert(here)]));
      await listen({ ...parts, publisher, afterWork: () => {} }, stopping.signal);
      expect(await addresses(0)).toEqual([address(here)]);
    }));

  it('lives through what it cannot handle, and leaves the message in the queue', () =>
    inFolder(async (root) => {
      const { parts, queue, incidents, addresses } = await listenerIn(root);
      const stopping = new AbortController();
      let isBroken = true;
      const publisher = {
        ...parts.publisher,
        failed: (cluster: string) => {
          if (isBroken) throw new Error('a mistake');
          return parts.publisher.failed(cluster);
        },
      };
      const running = listen({ ...parts, publisher, afterWork: () => {} }, stopping.signal);
      queue.send(announcing([upsert(here)]));
      await until(() => incidents.open().length > 0);
      expect([incidents.open()[0]?.problem, queue.deleted]).toEqual([
        'messages come again: Error: a mistake – tried again',
        [],
      ]);
      isBroken = false;
      queue.send(announcing([upsert(here)]));
      await until(() => queue.deleted.length === 1);
      expect(await addresses(0)).toEqual([address(here)]);
      stopping.abort();
      await running;
    }));

  it('stops at once in the middle of a long poll, and does not call that a problem', () =>
    inFolder(async (root) => {
      const { parts, incidents } = await listenerIn(root);
      const stopping = new AbortController();
      const running = listen({ ...parts, afterWork: () => {} }, stopping.signal);
      await new Promise(setImmediate);
      stopping.abort();
      await running;
      expect(incidents.open()).toEqual([]);
    }));
});
