import { beforeEach, describe, expect, it } from '@jest/globals';
import { METRICS } from '../../../functions/discovery/metric-names.ts';
import { shardOfTask } from '../../../functions/discovery/shard/shard-of-task.ts';
import { type Account, createAccount, OWNED } from '../../factories/account.ts';
import { resyncOnce, someTasks } from '../../factories/resyncs.ts';
import { numbers, targetsOf } from '../../factories/stages.ts';
import { idOf } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
  account.run(...someTasks(20));
  account.publish(someTasks(20).map((it) => targetsOf(it)));
});

const lose = (...lost: number[]) => {
  for (const number of lost) account.tasks.delete(idOf(number));
};

/** From a look of this number on, ECS says that every task was told to stop. */
const lieFrom = (look: number) => {
  let looks = 0;
  account.answer = (operation, answer) => {
    if (operation !== 'DescribeTasks' || ++looks < look) return answer;
    return { tasks: (answer['tasks'] as object[]).map((it) => ({ ...it, desiredStatus: 'STOPPED' })) };
  };
};

describe('the guard against mass removal', () => {
  it('lets half of the targets go', async () => {
    lose(...numbers(10));
    expect(await resyncOnce(account)).toMatchObject({ removed: 10, removalsHeld: 0 });
    expect(account.published()).toEqual(numbers(10, 11));
  });

  it('holds more than that, adds what is new all the same, and says so', async () => {
    lose(...numbers(12));
    account.run({ number: 30 });
    expect(await resyncOnce(account)).toMatchObject({ removed: 0, removalsHeld: 12, added: 1, unchanged: 8 });
    expect(account.published()).toEqual([...numbers(20), 30]);
    expect([METRICS.held, METRICS.drift].map(account.counted)).toEqual([12, 1]);
  });

  it('says so in a dry run, too', async () => {
    lose(...numbers(20));
    expect(await resyncOnce(account, { dryRun: true })).toMatchObject({ removed: 0, removalsHeld: 20 });
  });

  it('gives way to force', async () => {
    lose(...numbers(20));
    expect(await resyncOnce(account, { force: true })).toMatchObject({ removed: 20, removalsHeld: 0 });
    expect(account.published()).toEqual([]);
  });

  it('is not tripped by a configuration that lags behind a deployment', async () => {
    lose(...numbers(20));
    account.run(...someTasks(20, {}, 101));
    expect(await resyncOnce(account)).toMatchObject({ removed: 20, added: 20, removalsHeld: 0 });
  });

  it('lets a small fleet go to zero', async () => {
    lose(...numbers(20));
    account.publish(someTasks(10).map((it) => targetsOf(it)));
    expect(await resyncOnce(account)).toMatchObject({ removed: 10, removalsHeld: 0 });
  });

  it('holds what nothing selects any more just as well', async () => {
    account.definitions.set('shop', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
    expect(await resyncOnce(account)).toMatchObject({ removed: 0, removalsHeld: 20 });
    expect(account.published()).toEqual(numbers(20));
  });

  it('counts against what is published of the service that is looked at', async () => {
    const ofCart = someTasks(12, { service: 'cart' }, 100);
    account.publish([...someTasks(20), ...ofCart].map((it) => targetsOf(it)));
    expect(await resyncOnce(account, { service: 'cart' })).toMatchObject({ removed: 0, removalsHeld: 12 });
  });

  it('counts what is registered, too: a configuration that lags makes no fleet small', async () => {
    const { instances } = account.addService('shop', OWNED);
    for (const number of numbers(20)) instances.set(idOf(number), { ECS_CLUSTER_NAME: 'prod' });
    account.publish(someTasks(3).map((it) => targetsOf(it)));
    lose(...numbers(20));
    expect(await resyncOnce(account)).toMatchObject({ removed: 0, removalsHeld: 3, deregistered: 0 });
    expect(account.announced().flatMap(({ misregistered }) => misregistered)).toEqual([]);
  });

  it('holds the instances of the tasks that it holds', async () => {
    const { instances } = account.addService('shop', OWNED);
    await resyncOnce(account);
    expect(instances.size).toBe(20);
    lose(...numbers(20));
    expect(await resyncOnce(account)).toMatchObject({ removalsHeld: 20, deregistered: 0 });
    expect(instances.size).toBe(20);
  });

  it('cannot be got round by an API that begins to lie between the first look and the second', async () => {
    account.run({ number: 30 });
    lieFrom(2);
    expect(await resyncOnce(account)).toMatchObject({ removed: 0 });
    expect(account.published()).toEqual(expect.arrayContaining(numbers(20)));
  });

  it('has judged all that the second look removes: tasks that were to be corrected stay', async () => {
    account.run(...someTasks(20, { version: 9, address: '10.0.9.9' }));
    lieFrom(2);
    expect(await resyncOnce(account)).toMatchObject({ removed: 0 });
    expect(account.published()).toEqual(numbers(20));
  });

  it('cannot be got round by a shard that is rebuilt', async () => {
    account = createAccount({ shards: 2 });
    const ofFirst = numbers(60).filter((number) => shardOfTask(idOf(number), 2) === 0);
    account.publish(
      ofFirst.map((number) => targetsOf({ number })),
      { shard: 1 },
    );
    account.parameters.remove('/discovery/prod/targets/0');
    expect(await resyncOnce(account)).toMatchObject({ removed: 0, removalsHeld: ofFirst.length });
    expect([account.shard(0).removed.size, account.shard(1).tasks.size]).toEqual([0, ofFirst.length]);
  });

  it.each<[string, number]>([
    ['from the beginning', 1],
    ['between looks', 3],
  ])('holds tasks in the wrong shard as well, where an API lies %s', async (_, look) => {
    account = createAccount({ shards: 2 });
    account.run(...someTasks(40));
    account.publish(someTasks(40).map((it) => targetsOf(it)));
    lieFrom(look);
    await resyncOnce(account);
    const everywhere = new Set([0, 1].flatMap((shard) => [...account.shard(shard).tasks.keys()]));
    expect(everywhere.size).toBe(40);
  });
});
