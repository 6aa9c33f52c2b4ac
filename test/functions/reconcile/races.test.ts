/** Races that the simulation found, each as small as it can be. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { publish } from '../../../functions/reconcile/publish.ts';
import type { TaskChange } from '../../../functions/reconcile/task-changes.ts';
import { type Account, createAccount, OWNED } from '../../factories/account.ts';
import { shardOf, targets } from '../../factories/shards.ts';
import { idOf } from '../../factories/tasks.ts';

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
  register: { registryId: 'srv-shop', instanceId: idOf(number), attributes: {} },
  again: false,
});

const stopped = (number: number, again: boolean): TaskChange => ({
  cluster: 'prod',
  change: { kind: 'stop', taskId: idOf(number) },
  deregister: { registryId: 'srv-shop' },
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

  it('that may still be under way when the stop is written is looked for again, whatever was tried before', async () => {
    account.publish(shardOf([targets(1)]));
    const first = await publish(account.deps, [stopped(1, true)], options());
    expect(first.get(idOf(1))?.name).toBe('NotYetRegistered');

    await publish(account.deps, [stopped(1, true)], options()).then((failures) => expect(failures.size).toBe(0));
  });
});
