import { beforeEach, describe, expect, it } from '@jest/globals';
import { shardOfTask } from '../../../functions/discovery/shard/shard-of-task.ts';
import { publish } from '../../../functions/reconcile/publish.ts';
import type { Failures, TaskChange } from '../../../functions/reconcile/task-changes.ts';
import { type Account, createAccount, OWNED } from '../../factories/account.ts';
import { awsError } from '../../factories/senders.ts';
import { shardOf, targets } from '../../factories/shards.ts';
import { idOf } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
  account.addService('shop', OWNED);
});

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

const upsert = (number: number, changes: Partial<TaskChange> = {}): TaskChange => ({
  cluster: 'prod',
  change: { kind: 'upsert', targets: targets(number) },
  again: false,
  ...changes,
});

const registering = (number: number): TaskChange =>
  upsert(number, {
    register: { serviceId: 'srv-shop', instanceId: idOf(number), attributes: { number: String(number) } },
  });

const deregistering = (number: number): TaskChange => ({
  cluster: 'prod',
  change: { kind: 'stop', taskId: idOf(number) },
  deregister: ['srv-shop'],
  again: false,
});

const failed = (failures: Failures) =>
  Object.fromEntries([...failures].map(([id, { name }]) => [Number.parseInt(id, 16), name]));

/** The most requests of an operation that were under way at the same time, each taking as long as it may. */
async function mostAtOnce(operation: string, act: () => Promise<unknown>): Promise<number> {
  const { send } = account.client;
  let open = 0;
  let most = 0;
  account.client.send = async (command) => {
    if (command.constructor.name !== `${operation}Command`) return send(command);
    open += 1;
    most = Math.max(most, open);
    for (let turn = 0; turn < 50; turn++) await Promise.resolve();
    open -= 1;
    return send(command);
  };
  await act();
  return most;
}

const options = () => ({ deadline: account.clock.now() + 30_000 });

describe('publishing', () => {
  it('writes each shard that is touched once, three at a time', async () => {
    account = createAccount({ shards: 8 });
    const changes = numbers(40).map((number) => upsert(number));
    const most = await mostAtOnce('PutParameter', async () => {
      expect((await publish(account.deps, changes, options())).size).toBe(0);
    });
    expect(most).toBe(3);
    expect(account.published()).toEqual(numbers(40));
    expect(account.client.calls('PutParameter')).toBe(8);
    expect(account.announced).toHaveLength(8);
  });

  it('fails the tasks of the shard that fails, and no others', async () => {
    account = createAccount({ shards: 2 });
    account.before = (operation, { Name }) => {
      if (operation === 'PutParameter' && String(Name).endsWith('/1')) throw awsError('AccessDeniedException');
    };
    const failures = await publish(
      account.deps,
      numbers(8).map((number) => upsert(number)),
      options(),
    );
    const ofSecond = numbers(8).filter((number) => shardOfTask(idOf(number), 2) === 1);
    expect(failed(failures)).toEqual(Object.fromEntries(ofSecond.map((number) => [number, 'AccessDeniedException'])));
    expect(account.published()).toEqual(numbers(8).filter((number) => !ofSecond.includes(number)));
  });

  it('begins with the shard whose changes wait longest', async () => {
    account = createAccount({ shards: 8 });
    const time = (number: number) => account.clock.now() - (number === 5 ? 60_000 : 1000);
    await publish(
      account.deps,
      numbers(40).map((number) => upsert(number, { time: time(number) })),
      options(),
    );
    const first = account.client.sent.find(({ operation }) => operation === 'PutParameter');
    expect(first?.input['Name']).toBe(`/discovery/prod/targets/${shardOfTask(idOf(5), 8)}`);
  });

  it('registers nothing that the shard does not hold', async () => {
    account.publish(shardOf([], { [idOf(1)]: account.clock.now() / 1000 + 60 }));
    await publish(account.deps, [registering(1), registering(2)], options());
    expect([...(account.services.get('shop')?.instances.keys() ?? [])]).toEqual([idOf(2)]);
  });

  it('deregisters nothing while the shard still holds it', async () => {
    account.services.get('shop')?.instances.set(idOf(1), {});
    account.before = (operation) => {
      if (operation === 'PutParameter') throw awsError('AccessDeniedException');
    };
    account.publish(shardOf([targets(1)]));
    expect(failed(await publish(account.deps, [deregistering(1)], options()))).toEqual({ 1: 'AccessDeniedException' });
    expect(account.services.get('shop')?.instances.size).toBe(1);
  });
});

describe('changing registrations', () => {
  const change = async (...changes: TaskChange[]) => failed(await publish(account.deps, changes, options()));
  const instances = () => account.services.get('shop')?.instances ?? new Map();

  /** What AWS does once the first task is registered. */
  const afterwards = (act: (operation: string) => void) => {
    account.before = (operation) => {
      if (account.client.calls('RegisterInstance') > 0) act(operation);
    };
  };

  it('is done for ten tasks at a time', async () => {
    const changes = numbers(30).map((number) => registering(number));
    expect(await mostAtOnce('RegisterInstance', () => change(...changes))).toBe(10);
    expect(instances().size).toBe(30);
  });

  it('that fails for one task is done for the others', async () => {
    account.publish(shardOf([targets(3)]));
    instances().set(idOf(3), {});
    account.before = (operation, { InstanceId }) => {
      if (operation === 'RegisterInstance' && InstanceId === idOf(2)) throw awsError('InvalidInput');
    };
    expect(await change(registering(1), registering(2), deregistering(3))).toEqual({ 2: 'InvalidInput' });
    expect([...instances().keys()]).toEqual([idOf(1)]);
  });

  it('begins none when the time is over, and leaves the rest to the next try', async () => {
    const { deadline } = options();
    account.before = (operation) => {
      if (operation === 'RegisterInstance' && account.client.calls(operation) === 10) account.clock.advance(30_001);
    };
    const failures = await publish(account.deps, [...numbers(14).map(registering), upsert(15)], { deadline });
    expect(Object.values(failed(failures))).toEqual(['OutOfTime', 'OutOfTime', 'OutOfTime', 'OutOfTime']);
    expect(instances().size).toBe(10);
    expect(account.published()).toEqual(numbers(15));
  });

  it('asks nothing of Cloud Map for tasks without a registration', async () => {
    expect(await change(upsert(1))).toEqual({});
    expect(account.client.sent.map(({ operation }) => operation)).toEqual([
      'GetParameters',
      'PutParameter',
      'PutEvents',
    ]);
  });

  it('is looked at again when it cannot be said whether a task stopped meanwhile', async () => {
    afterwards((operation) => {
      if (operation === 'GetParameters') throw awsError('ThrottlingException');
    });
    expect(await change(registering(1))).toEqual({ 1: 'ThrottlingException' });
    expect(instances().size).toBe(1);
  });

  it('takes nothing back because a shard cannot be read', async () => {
    afterwards((operation) => {
      if (operation === 'GetParameters') account.parameters.write('/discovery/prod/targets/0', 'not a shard');
    });
    expect(await change(registering(1))).toEqual({});
    expect(instances().size).toBe(1);
  });
});
