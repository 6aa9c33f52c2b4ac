import { beforeEach, describe, expect, it } from '@jest/globals';
import { emptyServices } from '../../../functions/register/empty-services.ts';
import { type Account, createAccount, OWNED } from '../../factories/account.ts';
import { awsError } from '../../factories/senders.ts';
import { idOf } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
  for (const name of ['shop', 'cart']) fill(name, OWNED);
  fill('other', { METRICS_PATH: '/metrics' });
});

function fill(name: string, tags: Record<string, string>) {
  const { instances } = account.addService(name, tags);
  for (let number = 1; number <= 25; number++) instances.set(idOf(number), {});
}

const empty = (serviceId?: string, milliseconds = 60_000) =>
  account.clock.run(() => emptyServices(account.deps, serviceId, account.clock.now() + milliseconds));
const left = () => Object.fromEntries([...account.services].map(([name, { instances }]) => [name, instances.size]));

describe('deregistering everything from Cloud Map', () => {
  it('empties the services of this deployment, and no others', async () => {
    await empty();
    expect(left()).toEqual({ shop: 0, cart: 0, other: 25 });
  });

  it('may be for one of them', async () => {
    await empty('srv-cart');
    expect(left()).toEqual({ shop: 25, cart: 0, other: 25 });
    await empty('srv-other');
    expect(left()).toEqual({ shop: 25, cart: 0, other: 25 });
  });

  it('lasts until Cloud Map has done it, and tries again what it did not do', async () => {
    let lost = 3;
    account.before = (operation) => {
      if (operation !== 'DeregisterInstance' || lost-- <= 0) return;
      throw awsError('InstanceNotFound');
    };
    await empty('srv-shop');
    expect(left()).toMatchObject({ shop: 0 });
    expect(account.client.calls('ListInstances')).toBe(3);
  });

  it.each(['DuplicateRequest', 'ResourceInUse', 'RequestLimitExceeded'])('tries again after %s', async (error) => {
    let refused = 3;
    account.before = (operation) => {
      if (operation === 'DeregisterInstance' && refused-- > 0) throw awsError(error);
    };
    await empty('srv-shop');
    expect(left()).toMatchObject({ shop: 0 });
  });

  it('fails when instances are left at the end of its time, and says how many', async () => {
    account.before = (operation) => {
      if (operation === 'DeregisterInstance') throw awsError('InstanceNotFound');
    };
    const began = account.clock.now();
    await expect(empty('srv-shop')).rejects.toMatchObject({
      name: 'ServiceNotEmpty',
      message: '25 instances of Cloud Map service shop (srv-shop) are still registered',
    });
    expect(account.clock.now() - began).toBeLessThan(65_000);
  });

  it('fails when Cloud Map refuses', async () => {
    account.before = (operation) => {
      if (operation === 'DeregisterInstance') throw awsError('AccessDeniedException', 'no permission');
    };
    await expect(empty()).rejects.toThrow('no permission');
  });

  it('has nothing to do where a service was deleted meanwhile', async () => {
    account.before = (operation, { ServiceId }) => {
      if (operation === 'ListInstances' && ServiceId === 'srv-shop') throw awsError('ServiceNotFound');
    };
    await empty();
    expect(left()).toMatchObject({ cart: 0 });
  });

  it('does not keep a stack from being deleted because the namespaces parameter went first', async () => {
    account.parameters.remove('ECS-ServiceDiscovery-Namespaces');
    await empty();
    expect(account.log).toEqual([expect.objectContaining({ level: 'warn', message: 'no instances are deregistered' })]);
  });
});
