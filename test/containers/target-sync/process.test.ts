import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { toSeconds } from '../../../functions/discovery/change/change.ts';
import { encodeShard } from '../../../functions/discovery/shard/shard-codec.ts';
import { type FakeAws, startFakeAws } from './fake-aws.ts';
import { inFolder } from './fixtures.ts';
import { startTargetSync, type TargetSyncProcess, until, untilTargets } from './process.ts';
import { address, announcing, numberIn, shardWith, stop, upsert } from './statements.ts';

// Processes start, on a machine that may have other things to do.
jest.setTimeout(60_000);

let aws: FakeAws;
const running = new Set<TargetSyncProcess>();

beforeEach(async () => {
  aws = await startFakeAws();
});

afterEach(() => aws.stop());

/** A volume for the processes that `action` starts; they are gone before it is. */
const withVolume = (action: (volume: string, files: string) => Promise<void>): Promise<void> =>
  inFolder(async (volume) => {
    try {
      await action(volume, join(volume, 'file_sd'));
    } finally {
      await Promise.all([...running].map((process) => process.end('SIGKILL')));
      running.clear();
    }
  });

/** Writes a shard as the store does and returns its version. */
function put(shard: number, ...numbers: number[]): number {
  const name = `/discovery/prod/targets/${shard}`;
  const base = aws.parameters.get(name)?.version ?? 0;
  const observed = toSeconds(Date.now());
  const changes = numbers.map((number) => upsert(number, 1, observed));
  return aws.put(name, String(encodeShard({ base, shard: shardWith(...changes) }, 4096)));
}

function start(volume: string, environment: Record<string, string> = {}): TargetSyncProcess {
  const process = startTargetSync({
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: aws.endpoint,
    DISCOVERY_DEPLOYMENT: 'discovery',
    DISCOVERY_CLUSTERS: 'prod',
    DISCOVERY_SHARDS: '4',
    TARGET_SYNC_QUEUE_URL: aws.queueUrl,
    TARGET_SYNC_DIRECTORY: volume,
    ...environment,
  });
  running.add(process);
  return process;
}

const SHARDS = [0, 1, 2, 3];
const member = (shard: number, nth = 0): number => numberIn(shard, 4, nth);
const putAll = () => SHARDS.map((shard) => put(shard, member(shard)));
const runs = (number: number, version = 1) => announcing([upsert(number, version, toSeconds(Date.now()))]);
const stops = (number: number) => announcing([stop(number, 9, toSeconds(Date.now()))]);
const isSettled = () => aws.waiting() === 0 || undefined;

describe('the target-sync process', () => {
  it('loads everything, follows announcements, and ends at once on SIGTERM in the middle of a long poll', () =>
    withVolume(async (volume, files) => {
      putAll();
      const process = start(volume);
      for (const shard of SHARDS) await untilTargets(files, `prod-${shard}.json`, address(member(shard)));
      const untouched = await stat(join(files, 'prod-1.json'));

      aws.send(runs(member(2, 1)));
      await untilTargets(files, 'prod-2.json', address(member(2)), address(member(2, 1)));
      aws.send(stops(member(2)));
      await untilTargets(files, 'prod-2.json', address(member(2, 1)));
      await until('the messages to be deleted', isSettled);
      expect((await stat(join(files, 'prod-1.json'))).mtimeMs).toBe(untouched.mtimeMs);
      expect((await readdir(files)).sort()).toEqual(SHARDS.map((shard) => `prod-${shard}.json`));

      const { healthPort } = await process.logged('target-sync started');
      expect((await fetch(`http://127.0.0.1:${healthPort}/`)).status).toBe(200);

      const polls = aws.calls.length;
      const asked = performance.now();
      expect(await process.end('SIGTERM')).toEqual([0, null]);
      // Of itself: what hangs is left after three seconds.
      expect(performance.now() - asked).toBeLessThan(2500);
      expect(aws.calls.slice(polls)).toEqual([]);
      // Nobody takes what comes after that.
      aws.send(stops(member(3)));
      expect(aws.waiting()).toBe(1);
    }));

  it('reads SSM for nothing that it hears, and asks for a version of which it is told', () =>
    withVolume(async (volume, files) => {
      putAll();
      start(volume);
      for (const shard of SHARDS) await untilTargets(files, `prod-${shard}.json`, address(member(shard)));
      const reads = () => aws.calls.filter((call) => call === 'GetParameters').length;
      const before = reads();
      aws.send(runs(member(0, 1)));
      await untilTargets(files, 'prod-0.json', address(member(0)), address(member(0, 1)));
      expect(reads()).toBe(before);
      const version = put(1, member(1), member(1, 1));
      aws.send(announcing([], { written: [{ shard: 1, shards: 4, version }] }));
      await untilTargets(files, 'prod-1.json', address(member(1)), address(member(1, 1)));
      expect(reads()).toBe(before + 1);
    }));

  it('is held up by neither SSM nor a deletion that hangs', () =>
    withVolume(async (volume, files) => {
      putAll();
      const process = start(volume);
      for (const shard of SHARDS) await untilTargets(files, `prod-${shard}.json`, address(member(shard)));
      aws.faults.set('GetParameters', 'hang');
      aws.faults.set('DeleteMessageBatch', 'hang');
      aws.send(announcing([], { written: [{ shard: 1, shards: 4, version: 7 }] }));
      for (const shard of SHARDS) {
        aws.send(stops(member(shard)));
        await untilTargets(files, `prod-${shard}.json`);
      }
      expect(aws.waiting()).toBe(5);
      const asked = performance.now();
      expect(await process.end('SIGTERM')).toEqual([0, null]);
      expect(performance.now() - asked).toBeLessThan(5000);
    }));

  it('brings no task back that it heard stop, after a kill -9 and without SSM', () =>
    withVolume(async (volume, files) => {
      putAll();
      const first = start(volume);
      await untilTargets(files, 'prod-0.json', address(member(0)));
      aws.send(stops(member(0)));
      await untilTargets(files, 'prod-0.json');
      await until('the message to be deleted', isSettled);
      await first.end('SIGKILL');
      await writeFile(join(files, 'prod-0.json'), '[{"targets":["10.9.9.9:1"],"labels":{}}]');
      aws.faults.set('GetParameters', { status: 400, code: 'ThrottlingException' });
      const second = start(volume);
      await untilTargets(files, 'prod-0.json');
      const { healthPort } = await second.logged('target-sync started');
      expect((await fetch(`http://127.0.0.1:${healthPort}/`)).status).toBe(200);
      aws.send(runs(member(0), 2));
      await until('the message to be deleted', isSettled);
      await untilTargets(files, 'prod-0.json');
    }));

  it('survives kill -9 at any moment: every file stays whole, and the next one cleans up and catches up', () =>
    withVolume(async (volume, files) => {
      putAll();
      let version = 0;
      for (let life = 0; life < 4; life += 1) {
        const process = start(volume);
        await process.logged('target-sync started');
        // The first life loads everything, so that later every file must be there and whole.
        if (life === 0)
          for (const shard of SHARDS) await untilTargets(files, `prod-${shard}.json`, address(member(shard)));
        const storm = setInterval(() => {
          version += 1;
          aws.send(announcing([upsert(member(0, 1), version, toSeconds(Date.now()), 3000 + version)]));
        }, 2);
        await new Promise((elapsed) => setTimeout(elapsed, 20 * life));
        await process.end('SIGKILL');
        clearInterval(storm);
        const contents = SHARDS.map((shard) => readFile(join(files, `prod-${shard}.json`), 'utf8'));
        for (const content of await Promise.all(contents)) expect(JSON.parse(content).length).toBeGreaterThan(0);
      }
      await writeFile(join(volume, 'state', '.target-sync-0b9c1d5e-7a41-4c4e-9d25-0c6f4b8f2a11.tmp'), '[{"targ');
      start(volume);
      version += 1;
      aws.send(announcing([upsert(member(0, 1), version, toSeconds(Date.now()), 3000 + version)]));
      await untilTargets(files, 'prod-0.json', address(member(0)), address(member(0, 1), 3000 + version));
      const left = async () => (await readdir(join(volume, 'state'))).filter((name) => name.endsWith('.tmp'));
      await until('what was left behind to go', async () => (await left()).length === 0 || undefined);
    }));

  it('takes the shards of its collector only, and leaves the others’ files to them', () =>
    withVolume(async (volume, files) => {
      putAll();
      await mkdir(files);
      await writeFile(join(files, 'prod-0.json'), '[]');
      start(volume, { TARGET_SYNC_COLLECTOR: '1/3' });
      await untilTargets(files, 'prod-1.json', address(member(1)));
      aws.send(
        announcing([upsert(member(0)), upsert(member(1, 1))].map((it) => ({ ...it, observed: toSeconds(Date.now()) }))),
      );
      await untilTargets(files, 'prod-1.json', address(member(1)), address(member(1, 1)));
      expect(await readdir(files)).toEqual(['prod-1.json']);
    }));

  it('starts without AWS, says what to check, and loads everything when AWS is there again', () =>
    withVolume(async (volume, files) => {
      putAll();
      aws.faults.set('GetParameters', { status: 400, code: 'AccessDeniedException' });
      aws.faults.set('ReceiveMessage', { status: 400, code: 'QueueDoesNotExist' });
      const process = start(volume);
      const { healthPort } = await process.logged('target-sync started');
      const problems = await until('both problems', () => {
        const found = process.lines().filter((line) => line['level'] === 'error');
        return found.length >= 2 ? found : undefined;
      });
      expect(problems.map((line) => line['subject']).sort()).toEqual(['prod', 'queue']);
      expect(JSON.stringify(problems)).toContain('let the task role read the shard parameters');
      expect(JSON.stringify(problems)).toContain('set TARGET_SYNC_QUEUE_URL to the queue of this collector');
      expect((await fetch(`http://127.0.0.1:${healthPort}/`)).status).toBe(503);

      aws.faults.clear();
      await untilTargets(files, 'prod-3.json', address(member(3)));
      expect((await fetch(`http://127.0.0.1:${healthPort}/`)).status).toBe(200);
    }));

  it('does not believe an old observation of a task that runs, and shows it when the configuration does', () =>
    withVolume(async (volume, files) => {
      putAll();
      start(volume);
      await untilTargets(files, 'prod-0.json', address(member(0)));
      put(0, member(0), member(0, 1));
      const old = toSeconds(Date.now()) - 60;
      aws.send(announcing([upsert(member(0, 1), 1, old), upsert(member(1, 1), 1, old)]));
      await untilTargets(files, 'prod-0.json', address(member(0)), address(member(0, 1)));
      await until('the message to be deleted', isSettled);
      await untilTargets(files, 'prod-1.json', address(member(1)));
    }));

  it('ends with 1 and says which setting is wrong', async () => {
    const process = start('/nowhere', { TARGET_SYNC_COLLECTOR: '4/4' });
    expect(await process.exit).toEqual([1, null]);
    expect(process.lines()).toEqual([
      expect.objectContaining({ level: 'error', message: expect.stringContaining('TARGET_SYNC_COLLECTOR is "4/4"') }),
    ]);
  });

  it('ends with 1 and says so when it cannot have its folder', () =>
    withVolume(async (volume) => {
      const file = join(volume, 'file');
      await writeFile(file, '');
      const process = start(join(file, 'targets'));
      expect(await process.exit).toEqual([1, null]);
      expect(process.lines()[0]?.['message']).toContain('mount the volume of TARGET_SYNC_DIRECTORY');
    }));
});
