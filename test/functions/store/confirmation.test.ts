import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Account, createAccount, START } from '../../factories/account.ts';
import { awsError } from '../../factories/senders.ts';
import { announcing, deselect, fail, numbers, stop, store, targetsOf, upsert } from '../../factories/stages.ts';
import { idOf, stopped } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
});

const ago = (seconds: number) => ({ observed: START / 1000 - seconds });
const old = ago(31);
const looks = () => account.client.calls('DescribeTasks');

describe('an observation that adds a task', () => {
  it('needs no look while it is young', async () => {
    await store(account, announcing([upsert(1, ago(30))]));
    expect([account.published(), looks()]).toEqual([[1], 0]);
  });

  it('that is old is written if ECS says that the task still runs', async () => {
    account.run(...numbers(3).map((number) => ({ number })));
    await store(account, announcing(numbers(3).map((number) => upsert(number, old))));
    expect([account.published(), looks()]).toEqual([[1, 2, 3], 1]);
  });

  it('that is old adds nothing if the task stopped', async () => {
    account.run({ number: 1, ...stopped }, { number: 2 });
    expect(await store(account, announcing([upsert(1, old), upsert(2, old)]))).toEqual(['done']);
    expect(account.published()).toEqual([2]);
    expect(account.shard().removed.get(idOf(1))).toMatchObject({ kind: 'stop' });
  });

  it('that is old is asked for again while ECS does not know the task, for five minutes', async () => {
    expect(await store(account, announcing([upsert(1, ago(299))]))).toEqual(['again in 1 s (NotYetVisible)']);
    expect(await store(account, announcing([upsert(1, ago(300))]))).toEqual(['done']);
    expect(account.published()).toEqual([]);
  });

  it('that cannot be confirmed comes again, and holds up nothing else', async () => {
    account.publish([targetsOf({ number: 3 })]);
    fail(account, 'DescribeTasks');
    expect(await store(account, announcing([upsert(1, old)]), announcing([upsert(2), stop(3)]))).toEqual([
      'again in 1 s (ThrottlingException)',
      'done',
    ]);
    expect(account.published()).toEqual([2]);
  });
});

describe('what ECS said', () => {
  it('serves for no more than ten seconds of throttling by SSM', async () => {
    account.run({ number: 1 }, { number: 2 });
    let refused = 0;
    account.before = (operation) => {
      if (operation !== 'PutParameter' || refused++ > 15) return;
      if (account.clock.now() - START > 5000) account.run({ number: 1, ...stopped });
      throw awsError('ThrottlingException');
    };
    await store(account, announcing([upsert(1, old), upsert(2, old)]));
    expect(account.published()).toEqual([2]);
    expect(looks()).toBeGreaterThan(1);
  });

  it('serves for all races with other writers', async () => {
    account.run({ number: 1 });
    let others = 3;
    account.before = (operation) => {
      if (operation === 'PutParameter' && others-- > 0) account.publish([]);
    };
    await store(account, announcing([upsert(1, old)]));
    expect([account.published(), looks()]).toEqual([[1], 1]);
  });
});

describe('an observation that changes the targets of a task', () => {
  const moved = upsert(1, { version: 4, address: '10.0.0.44' });
  const addressOf = () => account.shard().tasks.get(idOf(1))?.targets.address;

  beforeEach(() => {
    account.publish([targetsOf({ number: 1, version: 3 })]);
  });

  it('is written if ECS has none that is newer', async () => {
    account.run({ number: 1, version: 4 });
    await store(account, announcing([moved]));
    expect([addressOf(), looks()]).toEqual(['10.0.0.44', 1]);
  });

  it('is not written if ECS has: what replaces it is on its way, or in the shard', async () => {
    account.run({ number: 1, version: 5 });
    expect(await store(account, announcing([moved]))).toEqual(['done']);
    expect(addressOf()).toBe('10.0.0.1');
  });

  it('removes the task if it stopped', async () => {
    account.run({ number: 1, ...stopped });
    await store(account, announcing([moved]));
    expect(account.published()).toEqual([]);
  });

  it('that is older than the shard needs no look, and changes nothing', async () => {
    await store(account, announcing([upsert(1, { version: 2, address: '10.0.0.44' })]));
    expect([addressOf(), looks()]).toEqual(['10.0.0.1', 0]);
  });
});

describe('a removal', () => {
  it('needs no look, however old it is', async () => {
    account.publish([targetsOf({ number: 1 }), targetsOf({ number: 2 })], ago(7200));
    await store(account, announcing([stop(1, ago(3600)), deselect(2, ago(3600))]));
    expect([account.published(), looks()]).toEqual([[], 0]);
  });

  it('of a task that the shard does not hold is looked at once more, after an older statement may have added it', async () => {
    expect(await store(account, announcing([stop(1)]))).toEqual(['again in 45 s']);
    expect(account.client.calls('PutParameter')).toBe(0);
    await store(account, announcing([upsert(1, ago(5))]));
    account.clock.advance(45_000);
    expect(await store(account, { ...announcing([stop(1)]), age: 45, receiveCount: 2 })).toEqual(['done']);
    expect(account.published()).toEqual([]);
  });

  it('of a task that nobody added in that time is done with', async () => {
    expect(await store(account, { ...announcing([stop(1)]), age: 45, receiveCount: 2 })).toEqual(['done']);
    expect(account.client.calls('PutParameter')).toBe(0);
  });

  it('of a task that the shard does not hold is remembered together with another change', async () => {
    expect(await store(account, announcing([stop(1), upsert(2)]))).toEqual(['done']);
    expect(account.shard().removed.get(idOf(1))).toMatchObject({ kind: 'stop' });
    expect(await store(account, announcing([upsert(1)]))).toEqual(['done']);
    expect(account.published()).toEqual([2]);
  });

  it('that calls a task deselected which the shard does not hold is done with', async () => {
    expect(await store(account, announcing([deselect(1)]))).toEqual(['done']);
    expect(account.client.calls('PutParameter')).toBe(0);
  });
});
