import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Account, createAccount, NAMESPACES_PARAMETER, OWNED } from '../../factories/account.ts';
import { awsError } from '../../factories/senders.ts';
import {
  announcing,
  deselect,
  fail,
  hang,
  IN_NAMESPACE,
  numbers,
  register,
  registerWithin,
  type Sent,
  stop,
  upsert,
} from '../../factories/stages.ts';
import { idOf, stopped } from '../../factories/tasks.ts';

let account: Account;
let instances: Map<string, Record<string, string>>;

beforeEach(() => {
  account = createAccount();
  ({ instances } = account.addService('shop', OWNED));
});

const started = (number: number) => upsert(number, { labels: IN_NAMESPACE });
const ended = (number: number) => stop(number, { service: 'shop' });
const registered = () => [...instances.keys()].map((id) => Number.parseInt(id, 16));
const WRITES = ['RegisterInstance', 'DeregisterInstance'];
const writes = () => account.asked().filter((it) => WRITES.includes(it));

describe('a task that runs', () => {
  beforeEach(() => account.run({ number: 1 }));

  it('is registered as ECS and Cloud Map describe it now, and looked at again after two minutes', async () => {
    account.run({ number: 1, version: 5, address: '10.0.0.77' });
    expect(await register(account, announcing([started(1)]))).toEqual(['again in 120 s']);
    expect(instances.get(idOf(1))).toMatchObject({ AWS_INSTANCE_IPV4: '10.0.0.77', METRICS_PORT: '3000' });
  });

  it('that is registered already costs one read of the instance, and no operation of Cloud Map', async () => {
    await register(account, announcing([started(1)]));
    account.asked();
    expect(await register(account, { ...announcing([started(1)]), receiveCount: 2, age: 120 })).toEqual(['done']);
    expect(account.asked()).toEqual(['DescribeTasks', 'GetInstance']);
  });

  it('is looked at again while ECS shows an older version than was announced: its ports may be those of before', async () => {
    account.run({ number: 1, version: 5, address: '10.0.0.77' });
    const [outcome] = await register(account, announcing([upsert(1, { version: 6, labels: IN_NAMESPACE })]));
    expect(outcome).toBe('again in 1 s (OlderVersion)');
    expect(registered()).toEqual([]);
  });

  it('is registered again where its instance says something else', async () => {
    await register(account, announcing([started(1)]));
    instances.set(idOf(1), { ...instances.get(idOf(1)), AWS_INSTANCE_IPV4: '10.9.9.9' });
    await register(account, announcing([started(1)]));
    expect(instances.get(idOf(1))).toMatchObject({ AWS_INSTANCE_IPV4: '10.0.0.1' });
  });

  it('is looked at again two minutes later: where Cloud Map did not do it, it is asked again', async () => {
    await register(account, announcing([started(1)]));
    instances.clear();
    account.clock.advance(120_000);
    expect(await register(account, { ...announcing([started(1)]), receiveCount: 2, age: 120 })).toEqual([
      'again in 120 s',
    ]);
    expect(registered()).toEqual([1]);
  });

  it('without the label of a namespace is not looked at: it is registered nowhere', async () => {
    expect(await register(account, announcing([upsert(1), stop(2), deselect(3)]))).toEqual(['done']);
    expect(account.asked()).toEqual([]);
  });

  it.each<[string, Record<string, string>]>([
    ['nobody', { METRICS_PATH: '/metrics' }],
    ['another deployment', { 'ecs-prometheus-discovery:owner': 'another' }],
  ])('is not registered in a service that belongs to %s', async (_, tags) => {
    const other = account.addService('shop', tags);
    other.instances.set(idOf(2), {});
    expect(await register(account, announcing([started(1), ended(2)]))).toEqual(['done']);
    expect(writes()).toEqual([]);
    expect(other.instances.size).toBe(1);
  });

  it.each<[string, () => Sent]>([
    ['registered', () => announcing([started(1)])],
    ['deregistered where it stopped', () => announcing([ended(1)])],
    [
      'deregistered where it does not belong',
      () => announcing([], { misregistered: [{ serviceId: 'srv-shop', taskId: idOf(3) }] }),
    ],
  ])('is %s by tags at most a minute old: a service may have been given away', async (_, said) => {
    await register(account, announcing([started(1)]));
    const other = account.addService('shop', { 'ecs-prometheus-discovery:owner': 'another' });
    for (const number of [1, 3]) other.instances.set(idOf(number), {});
    account.clock.advance(61_000);
    account.run({ number: 1, version: 9, address: '10.0.0.99' }, { number: 3, ...stopped });
    account.asked();
    await register(account, said());
    expect(writes()).toEqual([]);
  });

  it('or stopped is tried again while a namespace of the parameter does not exist: its service may be there', async () => {
    account.services.clear();
    account.parameters.write(NAMESPACES_PARAMETER, 'ecs-services,to-come');
    expect(await register(account, announcing([started(1)]), announcing([ended(2)]))).toEqual(
      Array(2).fill('again in 1 s (NamespaceMissing)'),
    );
  });

  it('by an announcement, but stops by now, is deregistered', async () => {
    instances.set(idOf(1), {});
    account.run({ number: 1, ...stopped });
    expect(await register(account, announcing([started(1)]))).toEqual(['again in 120 s']);
    expect(registered()).toEqual([]);
  });

  it('and that nothing selects any more is deregistered; one that is selected again is not', async () => {
    for (const number of [1, 2]) instances.set(idOf(number), {});
    account.run({ number: 1, family: 'plain' }, { number: 2 });
    await register(account, announcing([1, 2].map((number) => deselect(number, { service: 'shop' }))));
    expect(registered()).toEqual([2]);
  });

  it.each<[string, () => void, string]>([
    ['ECS does not know it yet', () => account.tasks.clear(), 'NotYetVisible'],
    ['ECS shows it before it ran', () => account.run({ number: 1, lastStatus: 'PENDING' }), 'NotYetVisible'],
    ['ECS does not answer', () => fail(account, 'DescribeTasks'), 'ThrottlingException'],
  ])('is tried again while %s', async (_, spoil, error) => {
    instances.set(idOf(1), {});
    spoil();
    expect(await register(account, announcing([started(1)]))).toEqual([`again in 1 s (${error})`]);
    expect([registered(), writes()]).toEqual([[1], []]);
  });

  it('that ECS does not know yet keeps what is registered, and is looked at again', async () => {
    instances.set(idOf(1), {});
    account.tasks.clear();
    const change = { ...started(1), observed: started(1).observed - 299 };
    expect(await register(account, announcing([change]))).toEqual(['again in 1 s (NotYetVisible)']);
    expect(registered()).toEqual([1]);
  });

  it('that ECS does not know five minutes after its observation is deregistered', async () => {
    instances.set(idOf(1), {});
    account.tasks.clear();
    const change = { ...started(1), observed: started(1).observed - 300 };
    expect(await register(account, announcing([change]))).toEqual(['again in 120 s']);
    expect(registered()).toEqual([]);
  });
});

describe('a task that stops', () => {
  beforeEach(() => {
    instances.set(idOf(1), {});
  });

  it('is deregistered without a question to ECS, whatever ECS does', async () => {
    account.before = (operation) => {
      if (/^Describe/.test(operation)) throw awsError('TimeoutError');
    };
    expect(await register(account, announcing([ended(1)]))).toEqual(['again in 120 s']);
    expect(registered()).toEqual([]);
    expect(account.asked().filter((it) => it.startsWith('Describe'))).toEqual([]);
  });

  it('comes before those that start, of whatever message: a service holds 1,000 instances', async () => {
    account.run({ number: 2 });
    await register(account, announcing([started(2)]), announcing([ended(1)]));
    expect(writes()).toEqual(['DeregisterInstance', 'RegisterInstance']);
  });

  it.each([false, true])('wins over what another message says of it, whichever comes first: %s', async (isFirst) => {
    account.run({ number: 1 });
    const both = [announcing([started(1)]), announcing([ended(1)])];
    await register(account, ...(isFirst ? both.toReversed() : both));
    expect([registered(), writes()]).toEqual([[], ['DeregisterInstance']]);
  });

  it('that Cloud Map does not know is looked at once more: its registration may be on its way', async () => {
    instances.clear();
    expect(await register(account, announcing([ended(1)]))).toEqual(['again in 120 s']);
    instances.set(idOf(1), {});
    account.clock.advance(120_000);
    const again = { ...announcing([ended(1)]), receiveCount: 2, age: 120 };
    expect(await register(account, again)).toEqual(['again in 120 s']);
    account.clock.advance(120_000);
    expect(await register(account, { ...again, age: 240 })).toEqual(['done']);
    expect(registered()).toEqual([]);
  });
});

describe('an instance where its task does not belong', () => {
  const misregistered = (...some: number[]) =>
    announcing([], { misregistered: some.map((number) => ({ serviceId: 'srv-shop', taskId: idOf(number) })) });

  beforeEach(() => {
    for (const number of [1, 2]) instances.set(idOf(number), {});
  });

  it('is removed', async () => {
    account.run({ number: 1, ...stopped }, { number: 2, family: 'plain' });
    expect(await register(account, misregistered(1, 2))).toEqual(['again in 120 s']);
    expect(registered()).toEqual([]);
  });

  it('stays where the task belongs there by now: the announcement may be old', async () => {
    account.run({ number: 1 });
    expect(await register(account, misregistered(1))).toEqual(['done']);
    expect(registered()).toEqual([1, 2]);
  });

  it('stays while ECS shows the task before it ran', async () => {
    account.run({ number: 1, lastStatus: 'PENDING' });
    expect(await register(account, misregistered(1))).toEqual(['again in 1 s (NotYetVisible)']);
    expect(registered()).toEqual([1, 2]);
  });

  it('stays while nothing is known of the task', async () => {
    fail(account, 'DescribeTasks');
    expect(await register(account, misregistered(1))).toEqual(['again in 1 s (ThrottlingException)']);
    expect(registered()).toEqual([1, 2]);
  });

  it('is removed only from services of this deployment, as their tags say now', async () => {
    account.addService('shop', { 'ecs-prometheus-discovery:owner': 'another' }).instances.set(idOf(1), {});
    expect(await register(account, misregistered(1))).toEqual(['done']);
    expect(writes()).toEqual([]);
  });
});

describe('what Cloud Map refuses', () => {
  it.each(['AccessDeniedException', 'DuplicateRequest', 'RequestLimitExceeded', 'ResourceLimitExceeded'])(
    'is tried again, once in each run, and keeps nothing else: %s',
    async (error) => {
      account.run({ number: 1 }, { number: 2 });
      account.before = (operation, { InstanceId }) => {
        if (operation === 'RegisterInstance' && InstanceId === idOf(1)) throw awsError(error);
      };
      expect(await register(account, announcing([started(1)]), announcing([started(2)]))).toEqual([
        `again in 1 s (${error})`,
        'again in 120 s',
      ]);
      expect(registered()).toEqual([2]);
      expect(account.client.calls('RegisterInstance')).toBe(2);
    },
  );

  it('of one of the tasks of a message is tried again soon, whatever becomes of the others', async () => {
    account.run({ number: 1 }, { number: 2 });
    account.before = (operation, { InstanceId }) => {
      if (operation === 'RegisterInstance' && InstanceId === idOf(2)) throw awsError('RequestLimitExceeded');
    };
    const [outcome] = await register(account, announcing([started(1), started(2)]));
    expect(outcome).toBe('again in 1 s (RequestLimitExceeded)');
  });

  it('to list is tried again: nothing says that a service is not ours', async () => {
    fail(account, 'ListNamespaces', 'RequestLimitExceeded');
    expect(await register(account, announcing([ended(1)]))).toEqual(['again in 1 s (RequestLimitExceeded)']);
  });

  it('for want of time is tried again', async () => {
    account.run(...numbers(14).map((number) => ({ number })));
    hang(account, 'RegisterInstance', 5);
    const fates = await registerWithin(account, 4, ...numbers(14).map((number) => announcing([started(number)])));
    expect(fates).toEqual([...Array(10).fill('again in 1 s (TimeoutError)'), ...Array(4).fill('again in 1 s (Error)')]);
    expect(account.client.calls('RegisterInstance')).toBe(10);
  });

  it('is never asked for more than ten at a time', async () => {
    account.run(...numbers(30).map((number) => ({ number })));
    let open = 0;
    let most = 0;
    account.before = async (operation) => {
      if (operation !== 'RegisterInstance') return;
      most = Math.max(most, ++open);
      await account.clock.sleep(100);
      open--;
    };
    await register(account, announcing(numbers(30).map(started)));
    expect([most, instances.size]).toEqual([10, 30]);
  });
});

describe('what is slow', () => {
  it('keeps back no task that does not need it: a definition that ECS does not answer for', async () => {
    const slow = numbers(12).map((number) => ({ number, family: 'slow' }));
    account.definitions.set('slow', account.definitions.get('shop') ?? { containerDefinitions: [] });
    account.run(...slow, { number: 20 });
    const times: number[] = [];
    account.before = async (operation, { taskDefinition = '' }) => {
      if (operation === 'RegisterInstance') times.push(account.clock.now());
      if (String(taskDefinition).includes('slow')) await account.clock.sleep(4000);
    };
    const began = account.clock.now();
    await register(account, announcing([...slow.map(({ number }) => started(number)), started(20)]));
    expect(times[0]).toBe(began);
    expect(times).toHaveLength(13);
  });

  it('keeps back no other cluster', async () => {
    account = createAccount({ clusters: ['prod', 'staging'] });
    account.addService('shop', OWNED);
    account.run({ number: 1 }, { number: 2, cluster: 'staging' });
    const times: number[] = [];
    account.before = async (operation, { cluster }) => {
      if (operation === 'RegisterInstance') times.push(account.clock.now());
      if (operation === 'DescribeTasks' && cluster === 'prod') await account.clock.sleep(4000);
    };
    const began = account.clock.now();
    await register(account, announcing([started(1)]), announcing([started(2)], { cluster: 'staging' }));
    expect(times.map((time) => time - began)).toEqual([0, 4000]);
  });
});

describe('a message that is not for the register', () => {
  it.each([{ deployment: 'other' }, { cluster: 'staging' }])('changes nothing: %j', async (about) => {
    instances.set(idOf(1), {});
    expect(await register(account, announcing([ended(1)], about))).toEqual(['done']);
    expect([registered(), account.asked()]).toEqual([[1], []]);
  });

  it('is put aside where it is malformed', async () => {
    const body = announcing([started(1)]).body.replace('10.0.0.1', 'evil.example');
    expect(await register(account, { body })).toEqual([expect.stringMatching(/^put aside: not an announcement/)]);
  });
});
