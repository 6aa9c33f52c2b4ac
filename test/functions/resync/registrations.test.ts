import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Account, createAccount, OWNED } from '../../factories/account.ts';
import { announceDrift, resyncOnce } from '../../factories/resyncs.ts';
import { fail } from '../../factories/stages.ts';
import { idOf, stopped } from '../../factories/tasks.ts';

let account: Account;
let instances: Map<string, Record<string, string>>;

beforeEach(async () => {
  account = createAccount();
  ({ instances } = account.addService('shop', OWNED));
  account.run({ number: 1 }, { number: 2 });
  await resyncOnce(account);
  expect([...instances.keys()]).toEqual([idOf(1), idOf(2)]);
  account.asked();
});

describe('instances in Cloud Map', () => {
  it('that are lost are announced again, without a write of the shard', async () => {
    instances.delete(idOf(1));
    expect(await resyncOnce(account)).toMatchObject({ registered: 1, added: 0, updated: 0 });
    expect(instances.has(idOf(1))).toBe(true);
    expect(account.asked()).not.toContain('PutParameter');
  });

  it('that say something else are announced again', async () => {
    instances.set(idOf(2), { ...instances.get(idOf(2)), AWS_INSTANCE_IPV4: '10.9.9.9' });
    expect(await resyncOnce(account)).toMatchObject({ registered: 1 });
    expect(instances.get(idOf(2))).toMatchObject({ AWS_INSTANCE_IPV4: '10.0.0.2' });
  });

  it('of tasks that are gone are removed, although no target is left of them', async () => {
    instances.set(idOf(9), { ECS_CLUSTER_NAME: 'prod' });
    expect(await resyncOnce(account)).toMatchObject({ deregistered: 1, removed: 0 });
    expect(instances.has(idOf(9))).toBe(false);
  });

  it('that a person registered under a name of their own are removed, and hold up no task', async () => {
    instances.set('by-hand', { ECS_CLUSTER_NAME: 'prod' });
    account.tasks.set(idOf(2), { number: 2, ...stopped });
    expect(await resyncOnce(account)).toMatchObject({ deregistered: 2, removed: 1, problems: [] });
    expect([...instances.keys()]).toEqual([idOf(1)]);
  });

  it('move to another Cloud Map service of this deployment: into the new one, out of the old one', async () => {
    const before = instances.get(idOf(1)) ?? {};
    const old = account.addService('shop-of-before', OWNED);
    old.instances.set(idOf(1), { ...before });
    instances.delete(idOf(1));
    // Both have the name of the ECS service, in one namespace each.
    account.answer = (operation, answer) => {
      if (operation !== 'ListServices') return answer;
      return { Services: (answer['Services'] as object[]).map((service) => ({ ...service, Name: 'shop' })) };
    };
    account.restart();
    expect(await resyncOnce(account)).toMatchObject({ registered: 1, deregistered: 1, added: 0, removed: 0 });
    expect(instances.get(idOf(1))).toEqual(before);
    expect(old.instances.size).toBe(0);

    old.instances.set(idOf(2), { ECS_CLUSTER_NAME: 'prod' });
    account.tasks.set(idOf(2), { number: 2, ...stopped });
    expect(await resyncOnce(account)).toMatchObject({ deregistered: 2, removed: 1 });
    expect([...instances.keys(), ...old.instances.keys()]).toEqual([idOf(1)]);
  });

  it('are left as they are where Cloud Map does not list them; the targets are put right all the same', async () => {
    account.tasks.set(idOf(2), { number: 2, ...stopped });
    account.run({ number: 3 });
    fail(account, 'ListInstances', 'ServiceNotFound', 'deleted under us');
    expect(await resyncOnce(account)).toMatchObject({
      added: 1,
      removed: 1,
      problems: ['ServiceNotFound: deleted under us'],
    });
    expect(account.published()).toEqual([1, 3]);
    account.before = undefined;
    expect(await resyncOnce(account)).toMatchObject({ problems: [] });
    expect([...instances.keys()].sort()).toEqual([idOf(1), idOf(3)]);
  });

  it('of a task that ECS shows before it ran stay', async () => {
    account.run({ number: 1, lastStatus: 'PENDING', version: 2 });
    await announceDrift(account);
    expect(account.announced().flatMap(({ misregistered }) => misregistered)).toEqual([]);
    expect(instances.size).toBe(2);
  });

  it('of a task that cannot be looked at stay', async () => {
    fail(account, 'DescribeTasks');
    expect(await resyncOnce(account)).toMatchObject({ deregistered: 0 });
    expect(instances.size).toBe(2);
  });

  it('of other clusters are left alone', async () => {
    instances.set(idOf(9), { ECS_CLUSTER_NAME: 'staging' });
    instances.set('by-hand', {});
    expect(await resyncOnce(account)).toMatchObject({ deregistered: 0 });
    expect(instances.size).toBe(4);
  });

  it('of services that somebody else owns are never looked at', async () => {
    const { instances: others } = account.addService('other', { METRICS_PATH: '/metrics' });
    others.set(idOf(9), { ECS_CLUSTER_NAME: 'prod' });
    account.restart();
    account.client.sent.length = 0;
    await resyncOnce(account);
    expect(others.size).toBe(1);
    const listed = account.client.sent.filter(({ operation }) => operation === 'ListInstances');
    expect(listed.map(({ input }) => input['ServiceId'])).toEqual(['srv-shop']);
  });
});
