import { beforeEach, describe, expect, it } from '@jest/globals';
import { shardOfTask } from '../../../functions/discovery/shard/shard-of-task.ts';
import { type Account, createAccount, START } from '../../factories/account.ts';
import { announceDrift, resyncOnce, resyncToTheEnd, someTasks, writesOf } from '../../factories/resyncs.ts';
import { awsError } from '../../factories/senders.ts';
import { deliver, numbers, targetsOf } from '../../factories/stages.ts';
import { idOf, stopped } from '../../factories/tasks.ts';

let account: Account;

const parameter = (shard: number) => `/discovery/prod/targets/${shard}`;
const puts = () => writesOf(account).filter((operation) => operation === 'PutParameter').length;

describe.each<[string, string | undefined]>([
  ['was deleted', undefined],
  ['holds what a person wrote', 'edited by hand'],
])('a shard whose parameter %s', (_, text) => {
  beforeEach(() => {
    account = createAccount({ shards: 2 });
    account.run(...someTasks(8));
    account.parameters.remove(parameter(0));
    if (text !== undefined) account.parameters.write(parameter(0), text);
  });

  const others = numbers(8).filter((number) => shardOfTask(idOf(number), 2) === 1);

  it('is rebuilt from what ECS says, and the new version is announced', async () => {
    const { summary } = await announceDrift(account);
    expect(summary.clusters[0]).toMatchObject({ added: 8, repairedShards: [0], problems: [] });
    expect(account.shard(0).tasks.size).toBe(8 - others.length);
    expect(account.announced().flatMap(({ written }) => written)).toEqual([
      { shard: 0, shards: 2, version: text === undefined ? 1 : 2 },
    ]);
    await resyncOnce(account);
    expect(account.published()).toEqual(numbers(8));
  });

  it('is called compared by the next resync only: what the list of ECS lacked may run all the same', async () => {
    const comparedShards = async () => {
      await announceDrift(account);
      const words = account.announced().flatMap(({ compared }) => compared.map(({ shard }) => shard));
      await deliver(account);
      return words;
    };
    expect(await comparedShards()).toEqual([1]);
    expect(await comparedShards()).toEqual([0, 1]);
  });

  it.each<[string, object]>([
    ['one service', { service: 'shop', force: true }],
    ['one task', { task: idOf(numbers(8).find((number) => !others.includes(number)) ?? 0) }],
  ])('is not rebuilt by a resync of %s: it would lack the others', async (__, request) => {
    const summary = await resyncOnce(account, request);
    expect(summary).not.toHaveProperty('repairedShards');
    expect(await resyncOnce(account, { ...request, dryRun: true })).not.toHaveProperty('repairedShards');
    expect(summary.problems).toContain(
      `${parameter(0)} holds no shard: run resync for the whole cluster to rebuild it`,
    );
    expect(account.parameters.current(parameter(0))).toBe(text);
  });

  it('is not rebuilt while one of its tasks is unknown', async () => {
    const missing = numbers(8).find((number) => !others.includes(number)) ?? 0;
    account.answer = (operation, answer) => {
      if (operation !== 'DescribeTasks') return answer;
      const tasks = (answer['tasks'] as { taskArn: string }[]).filter(
        ({ taskArn }) => !taskArn.endsWith(idOf(missing)),
      );
      return { ...answer, tasks };
    };
    const { problems } = await resyncOnce(account);
    expect(problems).toContain(`${parameter(0)} is not rebuilt while some of its tasks are unknown: run resync again`);
    expect(account.parameters.current(parameter(0))).toBe(text);
    expect(account.shard(1).tasks.size).toBe(others.length);
  });

  it('is rebuilt from what ECS says by then, not from what it said when the resync began', async () => {
    const gone = numbers(8).find((number) => !others.includes(number)) ?? 0;
    account.before = (operation) => {
      if (operation === 'DescribeTasks' && account.client.calls(operation) === 3) {
        account.run({ number: gone, ...stopped });
      }
    };
    await resyncOnce(account);
    expect(account.shard(0).tasks.has(idOf(gone))).toBe(false);
    expect(account.shard(0).tasks.size).toBe(7 - others.length);
  });

  it('is not made again with a number of shards that is no longer deployed', async () => {
    account.before = (operation) => {
      if (operation === 'DescribeTasks') account.deployedShards = 1;
    };
    expect((await resyncOnce(account)).problems.join()).toContain(
      'shard 0: OtherNumberOfShards: this resync began with 2 shards and 1 are deployed: run resync',
    );
    expect(account.parameters.current(parameter(0))).toBe(text);
  });

  it('is left as it is by a dry run', async () => {
    expect(await resyncOnce(account, { dryRun: true })).toMatchObject({ added: 8, repairedShards: [0] });
    expect(account.parameters.current(parameter(0))).toBe(text);
  });
});

describe('a version that does not count', () => {
  beforeEach(() => {
    account = createAccount();
    account.run(...someTasks(2));
    account.publish(someTasks(2).map((it) => targetsOf(it)));
  });

  it.each<[string, () => void]>([
    [
      'CloudFormation reset it',
      () => account.parameters.write(parameter(0), '{"v":1,"base":0,"at":0,"groups":[],"removed":[]}'),
    ],
    ['a person wrote it', () => account.parameters.write(parameter(0), 'edited by hand')],
  ])('is replaced by what the last one that counts holds: %s', async (_, spoil) => {
    spoil();
    expect(await resyncOnce(account)).toMatchObject({
      unchanged: 2,
      added: 0,
      removed: 0,
      repairedShards: [0],
      problems: [],
    });
    expect(account.published()).toEqual([1, 2]);
    expect(puts()).toBe(1);
    expect(await resyncOnce(account)).not.toHaveProperty('repairedShards');
    expect(puts()).toBe(1);
  });

  it('is left alone where another writer has put it right meanwhile', async () => {
    account.parameters.write(parameter(0), 'edited by hand');
    account.before = (operation) => {
      if (operation === 'DescribeTasks') account.publish(someTasks(2).map((it) => targetsOf(it)));
    };
    await announceDrift(account);
    expect(puts()).toBe(0);
  });

  it('that cannot be replaced is a problem', async () => {
    account.parameters.write(parameter(0), 'edited by hand');
    account.parameters.beforePut = () => {
      throw awsError('AccessDeniedException', 'no');
    };
    expect((await resyncOnce(account)).problems).toEqual([
      expect.stringMatching(/^shard 0: AccessDeniedException: no/),
    ]);
  });
});

describe('another number of shards', () => {
  beforeEach(() => {
    account = createAccount({ shards: 3 });
    account.run(...someTasks(12));
    account.publish(someTasks(12).map((it) => targetsOf(it)));
  });

  const isHome = () =>
    [0, 1, 2].every((shard) => [...account.shard(shard).tasks.keys()].every((id) => shardOfTask(id, 3) === shard));
  const misplaced = numbers(12).filter((number) => shardOfTask(idOf(number), 3) !== 0);

  it('moves the tasks to where they belong', async () => {
    expect(await resyncOnce(account)).toMatchObject({ checked: 12, removed: 0, problems: [] });
    expect(isHome()).toBe(true);
    expect(account.published()).toEqual(numbers(12));
    expect(await resyncOnce(account)).toMatchObject({ unchanged: 12, added: 0, updated: 0, removed: 0 });
  });

  it('never leaves a moment in which a task is nowhere', async () => {
    account.before = (operation) => {
      if (operation !== 'PutParameter') return;
      const everywhere = [0, 1, 2].flatMap((shard) => [...account.shard(shard).tasks.keys()]);
      expect(new Set(everywhere).size).toBe(12);
    };
    await resyncOnce(account);
    expect(puts()).toBe(3);
    expect(isHome()).toBe(true);
  });

  it('gives target-sync time to read the new home before it reads the old shard', async () => {
    const times: number[] = [];
    account.before = (operation) => {
      if (operation === 'PutParameter') times.push(account.clock.now());
    };
    await announceDrift(account);
    expect((times[2] ?? 0) - (times[1] ?? 0)).toBeGreaterThanOrEqual(10_000);
  });

  it('says so: first which versions the homes have, and when it has waited, that of the old shard', async () => {
    const steps: string[] = [];
    account.before = (operation, { Name }) => {
      if (operation === 'PutParameter' && /targets/.test(String(Name))) steps.push(`writes ${String(Name).at(-1)}`);
    };
    account.answer = (operation, answer) => {
      if (operation !== 'PublishBatch') return answer;
      const written = account.announced().at(-1)?.written ?? [];
      if (written.length > 0) steps.push(`says ${written.map(({ shard, version }) => `${shard}:${version}`).sort()}`);
      return answer;
    };
    await announceDrift(account);
    expect(steps.toSpliced(0, 2, ...steps.slice(0, 2).sort())).toEqual([
      'writes 1',
      'writes 2',
      'says 1:2,2:2',
      'writes 0',
      'says 0:3',
    ]);
  });

  it('takes a task out of the old shard that was written to have stopped at home meanwhile', async () => {
    const [gone = 0] = misplaced;
    const home = shardOfTask(idOf(gone), 3);
    const { sleep } = account.clock;
    account.clock.sleep = async (milliseconds) => {
      if (milliseconds >= 10_000) {
        const rest = [...account.shard(home).tasks.values()].map(({ targets }) => targets);
        const removed = { [idOf(gone)]: { kind: 'stop' as const, version: 7, observed: START / 1000 } };
        account.publish(
          rest.filter(({ taskId }) => taskId !== idOf(gone)),
          { shard: home, removed },
        );
      }
      await sleep(milliseconds);
    };
    await announceDrift(account);
    expect(account.shard(0).tasks.has(idOf(gone))).toBe(false);
  });

  it('keeps what the old shard remembers of tasks that stopped', async () => {
    const removed = { [idOf(77)]: { kind: 'stop' as const, version: 7, observed: START / 1000 } };
    account.publish(
      someTasks(12).map((it) => targetsOf(it)),
      { removed },
    );
    await resyncOnce(account);
    expect(isHome()).toBe(true);
    expect(account.shard(0).removed.get(idOf(77))).toMatchObject({ kind: 'stop', version: 7 });
  });

  it('moves nothing in a dry run', async () => {
    await announceDrift(account, { dryRun: true });
    expect(puts()).toBe(0);
  });

  it('leaves a task where it is as long as its home cannot take it', async () => {
    account.before = (operation, { Name }) => {
      if (operation === 'PutParameter' && String(Name).endsWith('/2')) throw awsError('AccessDeniedException', 'no');
    };
    expect((await resyncOnce(account)).problems.join()).toContain('shard 2: AccessDeniedException');
    expect(account.published()).toEqual(numbers(12));
  });

  it.each([
    ['are taken in', 0],
    ['are let go', 2],
  ])('that changes again before tasks %s leaves them where they are', async (_, allowed) => {
    account.before = (operation) => {
      if (operation === 'PutParameter' && puts() >= allowed) account.deployedShards = 5;
    };
    if (allowed === 0) account.deployedShards = 5;
    const [summary] = (await announceDrift(account)).summary.clusters;
    expect(summary?.problems.join()).toContain('began with 3 shards and 5 are deployed');
    expect(puts()).toBe(allowed);
    expect(account.shard(0).tasks.size).toBe(12);
  });

  it('leaves a task where it is while nothing is known of it', async () => {
    const [held = 0] = misplaced;
    account.answer = (operation, answer) => {
      if (operation !== 'DescribeTasks') return answer;
      const tasks = (answer['tasks'] as { taskArn: string }[]).filter(({ taskArn }) => !taskArn.endsWith(idOf(held)));
      return { ...answer, tasks };
    };
    await resyncOnce(account);
    expect(account.shard(0).tasks.has(idOf(held))).toBe(true);
  });

  it('forgets tasks that stopped meanwhile', async () => {
    const gone = misplaced.slice(0, 3);
    for (const number of gone) account.tasks.set(idOf(number), { number, ...stopped });
    expect(await resyncOnce(account)).toMatchObject({ checked: 12, removed: 3 });
    expect(isHome()).toBe(true);
    expect(account.published()).toEqual(numbers(12).filter((number) => !gone.includes(number)));
  });

  it('brings no task home that stopped since the resync began', async () => {
    const [gone = 0] = misplaced;
    account.before = (operation) => {
      if (operation === 'PublishBatch') account.run({ number: gone, ...stopped });
    };
    await announceDrift(account);
    expect(account.shard(shardOfTask(idOf(gone), 3)).tasks.has(idOf(gone))).toBe(false);
  });

  it('moves nothing for one service alone', async () => {
    await announceDrift(account, { service: 'shop' });
    expect(puts()).toBe(0);
  });

  it('moves them also when it takes several runs', async () => {
    expect(await resyncToTheEnd(account, {}, 0)).toBeGreaterThan(1);
    await resyncOnce(account);
    expect(isHome()).toBe(true);
    expect(account.published()).toEqual(numbers(12));
  });
});
