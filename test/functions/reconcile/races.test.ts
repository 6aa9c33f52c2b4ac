/** Races that the simulation found, each as small as it can be. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { publish } from '../../../functions/reconcile/publish.ts';
import type { TaskChange } from '../../../functions/reconcile/task-changes.ts';
import { resync } from '../../../functions/resync/resync.ts';
import type { ResyncRequest } from '../../../functions/resync/resync-summary.ts';
import { type Account, createAccount, OWNED } from '../../factories/account.ts';
import { shardOf, targets } from '../../factories/shards.ts';
import { idOf, stopped as stoppedTask } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
  account.addService('shop', OWNED);
});

const options = () => ({ deadline: account.clock.now() + 30_000 });
const instances = () => [...(account.services.get('shop')?.instances.keys() ?? [])];

const started = (number: number): TaskChange => ({
  cluster: 'prod',
  change: { kind: 'upsert', targets: targets(number) },
  register: { serviceId: 'srv-shop', instanceId: idOf(number), attributes: {} },
  again: false,
});

const parameter = '/discovery/prod/targets/0';

/** Somebody writes just before the next write of ours. */
const interrupt = (act: () => void): void => {
  account.before = (operation) => {
    if (operation !== 'PutParameter') return;
    account.before = undefined;
    act();
  };
};

const stopped = (number: number, again: boolean): TaskChange => ({
  cluster: 'prod',
  change: { kind: 'stop', taskId: idOf(number) },
  deregister: ['srv-shop'],
  again,
});

describe('a registration', () => {
  it('is not taken back because SSM still shows the shard as it was before the task', async () => {
    account.publish(shardOf([]));
    account.before = (operation) => {
      if (operation === 'RegisterInstance') account.parameters.lag = { versions: 1, reads: 1 };
    };
    expect((await publish(account.deps, [started(1)], options())).size).toBe(0);
    expect(instances()).toEqual([idOf(1)]);
  });

  it('is taken back also where the shard has forgotten by then that the task stopped', async () => {
    account.publish(shardOf([]));
    account.before = (operation) => {
      if (operation === 'RegisterInstance') account.publish(shardOf([]));
    };
    expect((await publish(account.deps, [started(1)], options())).size).toBe(0);
    expect(instances()).toEqual([]);
  });

  it('that may still be under way when the stop is written is looked for again, whatever was tried before', async () => {
    account.publish(shardOf([targets(1)]));
    const first = await publish(account.deps, [stopped(1, true)], options());
    expect(first.get(idOf(1))?.name).toBe('NotYetRegistered');

    account.clock.advance(30_001);
    await publish(account.deps, [stopped(1, true)], options()).then((failures) => expect(failures.size).toBe(0));
  });
});

describe('a shard', () => {
  it('loses nothing when its parameter is deleted and made again under a writer', async () => {
    account.publish(shardOf([targets(1)]));
    account.publish(shardOf([targets(1)]));
    interrupt(() => {
      account.parameters.remove(parameter);
      account.publish(shardOf([targets(1), targets(2)]));
    });
    await publish(account.deps, [started(3)], options());
    expect(account.published()).toEqual([1, 2, 3]);
  });

  it('survives a text written by hand that a racing writer overwrites', async () => {
    account.publish(shardOf([targets(1)]));
    interrupt(() => account.parameters.write(parameter, 'edited by hand'));
    await publish(account.deps, [started(2)], options());
    expect(account.published()).toEqual([1, 2]);
    await publish(account.deps, [started(3)], options());
    expect(account.published()).toEqual([1, 2, 3]);
  });
});

describe('a resync', () => {
  it('writes nothing that it saw more than half a minute ago', async () => {
    let looks = 0;
    account.before = (operation) => {
      if (operation === 'DescribeTasks' && ++looks === 2) account.clock.advance(31_000);
    };
    expect(await run({})).toContain('StaleObservation');
    expect(account.published()).toEqual([]);
    await run({});
    expect(account.published()).toEqual([1, 2]);
  });

  const everything = Number.POSITIVE_INFINITY;
  const run = async (request: ResyncRequest) => {
    const { summary } = await resync(account.deps, request, everything, () => 0);
    return summary.clusters.flatMap(({ problems }) => problems).join('\n');
  };

  beforeEach(() => account.run({ number: 1 }, { number: 2 }));

  it('takes out a registration that was made after it had listed them, when the task stops', async () => {
    await run({});
    const shop = account.services.get('shop')?.instances;
    const registered = shop?.get(idOf(2)) ?? {};
    shop?.delete(idOf(2));
    account.tasks.set(idOf(2), { number: 2, ...stoppedTask });
    account.before = (operation) => {
      if (operation === 'PutParameter') shop?.set(idOf(2), registered);
    };
    await run({});
    expect(instances()).toEqual([idOf(1)]);
  });

  it('makes no shard anew from half of what ECS knows', async () => {
    account.parameters.remove(parameter);
    account.answer = (operation, answer) =>
      operation === 'DescribeTasks' ? { ...answer, tasks: (answer['tasks'] as object[]).slice(1) } : answer;
    expect(await run({})).toContain('not made anew while some tasks are unknown');
    expect(account.parameters.current(parameter)).toBeUndefined();

    account.answer = undefined;
    await run({});
    expect(account.published()).toEqual([1, 2]);
  });

  it('of one service makes no shard anew, for it would lack the others', async () => {
    account.parameters.write(parameter, 'edited by hand');
    expect(await run({ service: 'shop', force: true })).toContain('run it for the cluster');
    expect(account.parameters.current(parameter)).toBe('edited by hand');

    await run({ force: true });
    expect(account.published()).toEqual([1, 2]);
  });
});
