import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createParameterReader } from '../../functions/aws/parameters.ts';
import { createShardReader } from '../../functions/aws/shard-reader.ts';
import { systemClock } from '../../functions/aws/system-clock.ts';
import { shardParameterName } from '../../functions/discovery/names.ts';
import { EMPTY_SHARD_DOCUMENT } from '../../functions/discovery/shard/shard-codec.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';
import { loopbackClientConfig } from '../../infra/local/loopback.ts';
import { type Ministack, startMinistack } from '../../infra/local/ministack/ministack.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { CLUSTER, DEPLOYMENT, SHARD, type Written } from './shard-writer.ts';

jest.setTimeout(60_000);

describe('several processes that write the same shard', () => {
  let aws: Ministack;
  let ssm: SSMClient;
  const running = new Set<ChildProcess>();

  beforeAll(async () => {
    aws = await startMinistack({ directory: '.local/test/two-writers/ministack' });
    ssm = new SSMClient(loopbackClientConfig(aws.endpoint));
  }, 120_000);

  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
  });

  afterAll(() => aws?.stop());

  /** Starts a writer; `killAfter` writes it is killed in the middle of the next one. */
  const writer = async (name: string, rounds: number, killAfter = Number.POSITIVE_INFINITY): Promise<Written[]> => {
    const program = join(PROJECT_ROOT, 'test/integration/shard-writer.ts');
    const child = spawn(process.execPath, [program, name, String(rounds)], {
      env: aws.environment,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    running.add(child);
    const ended = once(child, 'close');
    const written: Written[] = [];
    for await (const line of createInterface(child.stdout)) {
      written.push(JSON.parse(line));
      const done = written.filter(({ event }) => event === 'done').length;
      if (done >= killAfter && written.at(-1)?.event === 'begun') child.kill('SIGKILL');
    }
    const [code, signal] = await ended;
    running.delete(child);
    expect([name, code ?? signal]).toEqual([name, Number.isFinite(killAfter) ? 'SIGKILL' : 0]);
    return written;
  };

  const tasksInShard = async (): Promise<Set<TaskId>> => {
    const reader = createShardReader(createParameterReader(ssm), DEPLOYMENT, systemClock);
    const read = (await reader.read(CLUSTER, [SHARD])).get(SHARD);
    if (read?.kind !== 'shard') throw new Error(`the shard is ${read?.kind}`);
    return new Set(read.shard.tasks.keys());
  };

  /** Every write that was acknowledged is in the shard; one that was begun and never acknowledged may be. */
  const expectNothingLost = (written: readonly Written[], found: ReadonlySet<TaskId>): void => {
    const of = (event: Written['event'], kind: Written['kind']) =>
      new Set(written.filter((it) => it.event === event && it.kind === kind).map(({ taskId }) => taskId));
    const stopBegun = of('begun', 'stop');
    const lost = [...of('done', 'upsert')].filter((taskId) => !stopBegun.has(taskId) && !found.has(taskId));
    const back = [...of('done', 'stop')].filter((taskId) => found.has(taskId));
    expect({ lost, back }).toEqual({ lost: [], back: [] });
  };

  const racesIn = (written: readonly Written[]): number => written.reduce((sum, { races = 0 }) => sum + races, 0);

  it('lose no update of each other', async () => {
    const written = (await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((name) => writer(name, 15)))).flat();
    expect(written.filter(({ event }) => event === 'done')).toHaveLength(90);
    // Without a race this would have proved nothing.
    expect(racesIn(written)).toBeGreaterThan(0);
    const found = await tasksInShard();
    expectNothingLost(written, found);
    expect(found.size).toBe(30);
  });

  it('lose nothing that was acknowledged when some of them are killed in the middle of a write', async () => {
    const mortals = [3, 5, 8, 11].map((killAfter) => writer(`mortal${killAfter}`, 100, killAfter));
    const written = (await Promise.all([writer('survivor', 30), ...mortals])).flat();
    expect(racesIn(written)).toBeGreaterThan(0);
    expectNothingLost(written, await tasksInShard());
  });

  it('lose nothing to documents that others put in between: one that comes late, one of CloudFormation, one by hand', async () => {
    const Name = shardParameterName(DEPLOYMENT, CLUSTER, SHARD);
    const late = (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value ?? '';
    const before = await tasksInShard();
    let isOver = false;
    const intruder = async () => {
      let put = 0;
      while (!isOver) {
        const Value = [late, EMPTY_SHARD_DOCUMENT, 'by hand'][put++ % 3];
        await ssm.send(new PutParameterCommand({ Name, Value, Type: 'String', Overwrite: true }));
        await sleep(700);
      }
      return put;
    };
    const intruding = intruder();
    const written = (await Promise.all(['x', 'y'].map((name) => writer(name, 30)))).flat();
    isOver = true;
    expect(await intruding).toBeGreaterThan(3);
    const found = await tasksInShard();
    expectNothingLost(written, found);
    expect([...before].filter((taskId) => !found.has(taskId))).toEqual([]);
  });
});
