import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { EMPTY_SHARD, type Shard } from '../../../functions/discovery/shard/shard.ts';
import { encodeShard } from '../../../functions/discovery/shard/shard-codec.ts';
import type { TaskId } from '../../../functions/discovery/task/task.ts';
import { type FakeAws, startFakeAws } from './fake-aws.ts';
import { inFolder } from './fixtures.ts';
import { startTargetSync, type TargetSyncProcess, until, untilTargets } from './process.ts';

let aws: FakeAws;
const running = new Set<TargetSyncProcess>();

beforeEach(async () => {
  aws = await startFakeAws('discovery');
});

afterEach(() => aws.stop());

/** A folder for the processes that `action` starts; they are gone before it is. */
const withFolder = (action: (directory: string) => Promise<void>): Promise<void> =>
  inFolder(async (directory) => {
    try {
      await action(directory);
    } finally {
      await Promise.all([...running].map((process) => process.end('SIGKILL')));
      running.clear();
    }
  });

const shardOf = (...numbers: number[]): Shard => ({
  tasks: new Map(
    numbers.map((number) => {
      const taskId = `task${number}` as TaskId;
      const labels = { cluster: 'prod', service: 'web' };
      return [
        taskId,
        { taskId, version: 1, address: `10.0.0.${number}`, labels, targets: [{ port: 3000, labels: {} }] },
      ];
    }),
  ),
  stopped: EMPTY_SHARD.stopped,
});

/** Writes a shard as a Lambda does and returns its version. */
function put(shard: number, ...numbers: number[]): number {
  const name = `/discovery/prod/targets/${shard}`;
  const base = aws.parameters.get(name)?.version ?? 0;
  return aws.put(name, String(encodeShard({ base, shard: shardOf(...numbers) }, 4096)));
}

function start(directory: string, environment: Record<string, string> = {}): TargetSyncProcess {
  const process = startTargetSync({
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: aws.endpoint,
    DISCOVERY_DEPLOYMENT: 'discovery',
    DISCOVERY_CLUSTERS: 'prod',
    DISCOVERY_SHARDS: '4',
    TARGET_SYNC_QUEUE_URL: aws.queueUrl,
    TARGET_SYNC_DIRECTORY: directory,
    ...environment,
  });
  running.add(process);
  return process;
}

const address = (number: number): string => `10.0.0.${number}:3000`;
const putAll = () => [0, 1, 2, 3].map((shard) => put(shard, shard));

describe('the target-sync process', () => {
  it('loads everything, follows an event, and ends at once on SIGTERM in the middle of a long poll', () =>
    withFolder(async (directory) => {
      putAll();
      const process = start(directory);
      for (const shard of [0, 1, 2, 3]) await untilTargets(directory, `prod-${shard}.json`, address(shard));
      const untouched = await stat(join(directory, 'prod-1.json'));

      aws.announce('prod', [{ shard: 2, version: put(2, 20, 21) }]);
      await untilTargets(directory, 'prod-2.json', address(20), address(21));
      await until('the message to be deleted', () => aws.waiting() === 0 || undefined);
      expect(process.lines().at(-1)).toMatchObject({
        cluster: 'prod',
        shard: 2,
        version: 2,
        targets: 2,
        cause: 'event',
      });
      expect((await stat(join(directory, 'prod-1.json'))).mtimeMs).toBe(untouched.mtimeMs);

      const { healthPort } = await process.logged('target-sync started');
      expect((await fetch(`http://127.0.0.1:${healthPort}/`)).status).toBe(200);

      const asked = performance.now();
      expect(await process.end('SIGTERM')).toEqual([0, null]);
      // Of itself: what hangs is left after three seconds.
      expect(performance.now() - asked).toBeLessThan(2500);
      expect((await readdir(directory)).filter((name) => name.endsWith('.json'))).toHaveLength(4);
    }));

  it(
    'survives kill -9 at any moment: every file stays whole, and the next one cleans up and catches up',
    () =>
      withFolder(async (directory) => {
        putAll();
        let events = 0;
        for (let life = 0; life < 5; life += 1) {
          const process = start(directory);
          await process.logged('target-sync started');
          // The first life loads everything, so that later every file must be there and whole.
          if (life === 0)
            for (const shard of [0, 1, 2, 3]) await untilTargets(directory, `prod-${shard}.json`, address(shard));
          const storm = setInterval(() => {
            events += 1;
            aws.announce('prod', [{ shard: 0, version: put(0, events % 200) }]);
          }, 2);
          await new Promise((elapsed) => setTimeout(elapsed, 20 * life));
          await process.end('SIGKILL');
          clearInterval(storm);
          const contents = [0, 1, 2, 3].map((shard) => readFile(join(directory, `prod-${shard}.json`), 'utf8'));
          for (const content of await Promise.all(contents)) expect(JSON.parse(content)).toHaveLength(1);
        }
        await writeFile(join(directory, '.target-sync-0b9c1d5e-7a41-4c4e-9d25-0c6f4b8f2a11.tmp'), '[{"targ');
        start(directory);
        await untilTargets(directory, 'prod-0.json', address(events % 200));
        expect((await readdir(directory)).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      }),
    20_000,
  );

  it('takes the shards of its collector only, and leaves the others’ files to them', () =>
    withFolder(async (directory) => {
      putAll();
      await writeFile(join(directory, 'prod-0.json'), '[]');
      start(directory, { TARGET_SYNC_COLLECTOR: '1/3' });
      await untilTargets(directory, 'prod-1.json', address(1));
      expect((await readdir(directory)).filter((name) => name.endsWith('.json'))).toEqual(['prod-1.json']);
    }));

  it('follows shards that a deployment adds while the process does not know of them yet', () =>
    withFolder(async (directory) => {
      putAll();
      start(directory, { TARGET_SYNC_COLLECTOR: '1/2' });
      await untilTargets(directory, 'prod-1.json', address(1));
      aws.announce('prod', [{ shard: 4, version: put(4, 40) }]);
      aws.announce('prod', [{ shard: 5, version: put(5, 50) }]);
      await untilTargets(directory, 'prod-5.json', address(50));
      await until('the messages to be deleted', () => aws.waiting() === 0 || undefined);
      expect((await readdir(directory)).filter((name) => name.endsWith('.json')).sort()).toEqual([
        'prod-1.json',
        'prod-3.json',
        'prod-5.json',
      ]);
    }));

  it('starts without AWS, says what to check, and loads everything when AWS is there again', () =>
    withFolder(async (directory) => {
      putAll();
      aws.faults.set('GetParameters', { status: 400, code: 'AccessDeniedException' });
      aws.faults.set('ReceiveMessage', { status: 400, code: 'QueueDoesNotExist' });
      const process = start(directory);
      const { healthPort } = await process.logged('target-sync started');
      const subjects = await until('both problems', () => {
        const found = process.lines().flatMap((line) => (line['level'] === 'error' ? [line['subject']] : []));
        return found.length >= 2 ? found : undefined;
      });
      expect(subjects.sort()).toEqual(['prod', 'queue']);
      expect((await fetch(`http://127.0.0.1:${healthPort}/`)).status).toBe(503);

      aws.faults.clear();
      await untilTargets(directory, 'prod-3.json', address(3));
      expect((await fetch(`http://127.0.0.1:${healthPort}/`)).status).toBe(200);
    }));

  it('keeps its files through throttling, and applies what happened meanwhile', () =>
    withFolder(async (directory) => {
      putAll();
      const process = start(directory);
      await untilTargets(directory, 'prod-0.json', address(0));
      aws.faults.set('GetParameters', { status: 400, code: 'ThrottlingException' });
      aws.announce('prod', [{ shard: 0, version: put(0, 7) }]);
      await until('the problem', () => process.lines().find((line) => line['level'] === 'error'));
      await untilTargets(directory, 'prod-0.json', address(0));
      expect(aws.waiting()).toBe(1);
      aws.faults.clear();
      await untilTargets(directory, 'prod-0.json', address(7));
      await until('the message to be deleted', () => aws.waiting() === 0 || undefined);
    }));

  it('ends with 1 and says which setting is wrong', async () => {
    const process = start('/nowhere', { TARGET_SYNC_COLLECTOR: '4/4' });
    expect(await process.exit).toEqual([1, null]);
    expect(process.lines()).toEqual([
      expect.objectContaining({ level: 'error', message: expect.stringContaining('TARGET_SYNC_COLLECTOR is "4/4"') }),
    ]);
  });

  it('ends with 1 and says so when it cannot have its folder', () =>
    withFolder(async (directory) => {
      const file = join(directory, 'file');
      await writeFile(file, '');
      const process = start(join(file, 'targets'));
      expect(await process.exit).toEqual([1, null]);
      expect(process.lines()[0]?.['message']).toContain('mount the volume of TARGET_SYNC_DIRECTORY');
    }));
});
