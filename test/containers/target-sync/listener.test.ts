import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { listen } from '../../../containers/target-sync/listener.ts';
import {
  changed,
  fakeQueue,
  fakeSource,
  fillableFiles,
  groupsOf,
  inFolder,
  publisherIn,
  reading,
  stillClock,
} from './fixtures.ts';

/** A listener whose rounds a test runs one by one: it stops when the queue is asked for the next batch. */
async function listenerIn(directory: string) {
  const clock = stillClock();
  const disk = fillableFiles();
  const told = await publisherIn(directory, clock, disk);
  const queue = fakeQueue(clock);
  const source = fakeSource();
  let restarts = 0;
  let batches = 0;
  const round = async () => {
    const stop = new AbortController();
    await listen(
      {
        ...told,
        queue,
        source,
        clock,
        deployment: 'discovery',
        owns: (cluster, shard) => cluster === 'prod' && shard % 2 === 0,
        patience: 300_000,
        onRestartedVersions: () => {
          restarts += 1;
        },
        afterWork: () => {
          batches += 1;
          stop.abort();
        },
      },
      stop.signal,
    );
  };
  const targets = async (shard: number): Promise<unknown> =>
    JSON.parse(await readFile(join(directory, `prod-${shard}.json`), 'utf8'));
  return { ...told, clock, disk, queue, source, round, targets, restarts: () => restarts, batches: () => batches };
}

describe('the listener', () => {
  it('publishes the shard that an event names and deletes the message', () =>
    inFolder(async (directory) => {
      const { source, queue, round, targets } = await listenerIn(directory);
      source.shards.set('prod/0', reading(3, 1));
      queue.send(changed('prod', [0, 3]));
      await round();
      expect(await targets(0)).toEqual(groupsOf(1));
      expect(queue.deleted).toEqual([changed('prod', [0, 3])]);
    }));

  it('reads each shard once for a whole batch, and nothing for what is published already', () =>
    inFolder(async (directory) => {
      const { source, queue, round } = await listenerIn(directory);
      source.shards.set('prod/0', reading(9, 1));
      source.shards.set('prod/2', reading(5, 2));
      for (let version = 1; version <= 8; version += 1) queue.send(changed('prod', [0, version]));
      queue.send(changed('prod', [0, 9], [2, 5]));
      await round();
      queue.send(changed('prod', [0, 4]));
      queue.send(changed('prod', [2, 5]));
      await round();
      expect(source.reads).toEqual(['prod:0,2']);
      expect(queue.deleted).toHaveLength(11);
    }));

  it('reads nothing for shards of other collectors, clusters and deployments', () =>
    inFolder(async (directory) => {
      const { source, queue, round } = await listenerIn(directory);
      queue.send(changed('prod', [1, 3]));
      queue.send(changed('test', [0, 3]));
      queue.send(changed('prod', [0, 3]).replace('"discovery"', '"other"'));
      await round();
      expect(source.reads).toEqual([]);
      expect(queue.deleted).toHaveLength(3);
    }));

  it('drops a message that is no event without repeating what it says, and takes the others', () =>
    inFolder(async (directory) => {
      const { source, queue, round, targets, lines } = await listenerIn(directory);
      source.shards.set('prod/0', reading(3, 1));
      queue.send('{"password":"secret"');
      queue.send(changed('prod', [0, 3]));
      await round();
      expect(await targets(0)).toEqual(groupsOf(1));
      expect(queue.deleted).toHaveLength(2);
      expect(lines[0]).toMatchObject({ level: 'warn', bytes: 20 });
      expect(JSON.stringify(lines)).not.toContain('secret');
    }));

  it('keeps a message until the version it names can be read, each time waiting longer', () =>
    inFolder(async (directory) => {
      const { source, queue, round, targets } = await listenerIn(directory);
      source.shards.set('prod/0', reading(3, 1));
      queue.send(changed('prod', [0, 4]));
      await round();
      await round();
      await round();
      expect(await targets(0)).toEqual(groupsOf(1));
      expect(queue.deleted).toEqual([]);
      expect(queue.postponed.map(({ seconds }) => seconds)).toEqual([1, 1, 2]);
      source.shards.set('prod/0', reading(4, 2));
      await round();
      expect(await targets(0)).toEqual(groupsOf(2));
      expect(queue.deleted).toHaveLength(1);
    }));

  it('gives a version up that did not come within a refresh period', () =>
    inFolder(async (directory) => {
      const { source, queue, round, clock, lines } = await listenerIn(directory);
      source.shards.set('prod/0', reading(1, 1));
      queue.send(changed('prod', [0, 40]));
      await round();
      clock.advance(300_001);
      await round();
      expect(queue.deleted).toHaveLength(1);
      expect(lines.at(-1)).toMatchObject({ level: 'warn', version: 40, published: 1, ageMs: 300_001 });
    }));

  it.each([
    ['missing', undefined],
    ['unreadable', { kind: 'unreadable', parameter: '/x', version: 3, error: new Error('no') } as const],
  ])('keeps a message, however old, while the shard is %s, and publishes its neighbours', (_, broken) =>
    inFolder(async (directory) => {
      const { source, queue, round, clock, targets } = await listenerIn(directory);
      if (broken) source.shards.set('prod/0', broken);
      source.shards.set('prod/2', reading(3, 2));
      queue.send(changed('prod', [0, 3], [2, 3]));
      await round();
      clock.advance(3_600_000);
      await round();
      expect(await targets(2)).toEqual(groupsOf(2));
      expect(queue.deleted).toEqual([]);
      source.shards.set('prod/0', reading(3, 1));
      await round();
      expect(queue.deleted).toHaveLength(1);
    }),
  );

  it('keeps a message whose targets could not be written', () =>
    inFolder(async (directory) => {
      const { source, queue, round, disk, targets } = await listenerIn(directory);
      source.shards.set('prod/0', reading(3, 1));
      disk.full = true;
      queue.send(changed('prod', [0, 3]));
      await round();
      expect(queue.deleted).toEqual([]);
      disk.full = false;
      await round();
      expect(await targets(0)).toEqual(groupsOf(1));
      expect(queue.deleted).toHaveLength(1);
    }));

  it('keeps all messages when reading fails, and says once what to do', () =>
    inFolder(async (directory) => {
      const { source, queue, round, lines } = await listenerIn(directory);
      source.failure = Object.assign(new Error('not authorized to perform: ssm:GetParameters'), {
        name: 'AccessDeniedException',
      });
      queue.send(changed('prod', [0, 3]));
      await round();
      await round();
      expect(queue.deleted).toEqual([]);
      expect(lines).toHaveLength(1);
      expect(lines[0]?.message).toContain('let the task role read the shard parameters');
      source.failure = undefined;
      source.shards.set('prod/0', reading(3, 1));
      await round();
      expect(queue.deleted).toHaveLength(1);
      expect(lines.map(({ message }) => message)).toContain('works again');
    }));

  it('goes on when messages cannot be deleted, and does not read their shards again', () =>
    inFolder(async (directory) => {
      const { source, queue, round, incidents } = await listenerIn(directory);
      source.shards.set('prod/0', reading(3, 1));
      queue.deleteFailure = new Error('refused');
      queue.send(changed('prod', [0, 3]));
      await round();
      expect(incidents.open()[0]).toContain('messages come again');
      queue.deleteFailure = undefined;
      queue.send(changed('prod', [0, 3]));
      await round();
      expect(source.reads).toHaveLength(1);
      expect(incidents.open()).toEqual([]);
    }));

  it('asks for a refresh when a young event names an older version, as after a parameter was made again', () =>
    inFolder(async (directory) => {
      const { source, queue, round, clock, restarts } = await listenerIn(directory);
      source.shards.set('prod/0', reading(40, 1));
      queue.send(changed('prod', [0, 40]));
      await round();
      queue.send(changed('prod', [0, 39]), clock.now() + 1000);
      await round();
      expect(restarts()).toBe(0);
      clock.advance(60_000);
      queue.send(changed('prod', [0, 2]));
      await round();
      expect(restarts()).toBe(1);
    }));

  it('lives through a queue that cannot be reached, and ends at once when told to', () =>
    inFolder(async (directory) => {
      const { queue, source, round, incidents, lines, batches } = await listenerIn(directory);
      queue.failure = Object.assign(new Error('gone'), { name: 'QueueDoesNotExist' });
      source.shards.set('prod/0', reading(3, 1));
      const running = round();
      while (incidents.open().length === 0) await new Promise(setImmediate);
      expect(incidents.open()[0]).toContain('set TARGET_SYNC_QUEUE_URL to the queue of this collector');
      queue.failure = undefined;
      queue.send(changed('prod', [0, 3]));
      await running;
      expect(batches()).toBe(1);
      expect(lines.filter(({ level }) => level === 'error')).toHaveLength(1);
    }));
});
