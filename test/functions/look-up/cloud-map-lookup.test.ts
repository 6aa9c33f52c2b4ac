import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Account, createAccount, OWNED } from '../../factories/account.ts';
import { awsError } from '../../factories/senders.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
});

const TAGS = { METRICS_PATH: '/metrics' };
const NAMESPACES = 'ECS-ServiceDiscovery-Namespaces';
const of = (service: string) => account.deps.cloudMapLookup.of('prod', service);
const asked = () => account.client.sent.map(({ operation }) => operation);

describe('the Cloud Map service of an ECS service', () => {
  it('is the one of its name', async () => {
    account.addService('cart', TAGS);
    account.addService('shop', TAGS);
    const shop = { id: 'srv-shop', name: 'shop', namespace: 'ecs-services', tags: TAGS };
    expect(await of('shop')).toEqual({ tagged: shop });
  });

  it('is the one that ECS registers its tasks in, whatever its name', async () => {
    account.addService('webapp-svc', TAGS);
    account.managed.set('webapp', ['webapp-svc']);
    expect((await of('webapp')).tagged).toMatchObject({ id: 'srv-webapp-svc' });
    expect(await of('shop')).toEqual({});
  });

  it('may be two: one says how to scrape, the other takes the registrations', async () => {
    account.addService('webapp-svc', TAGS);
    account.addService('webapp', OWNED);
    account.managed.set('webapp', ['webapp-svc']);
    expect(await of('webapp')).toMatchObject({ tagged: { name: 'webapp-svc' }, owned: { name: 'webapp' } });
  });

  it('may be one for both', async () => {
    account.addService('shop', { ...TAGS, ...OWNED });
    expect(await of('shop')).toMatchObject({ tagged: { name: 'shop' }, owned: { name: 'shop' } });
  });

  it('comes with the port that ECS registers, where no tag names one', async () => {
    account.addService('shop', TAGS);
    account.addService('webapp-svc', TAGS);
    account.managed.set('shop', [{ name: 'shop', containerPort: 8080 }]);
    account.managed.set('webapp', [{ name: 'webapp-svc', port: 8081 }]);
    expect((await of('shop')).tagged).toMatchObject({ name: 'shop', port: 8080 });
    expect((await of('webapp')).tagged).toMatchObject({ name: 'webapp-svc', port: 8081 });
  });

  it('that names its port by a tag spares the question what ECS registers', async () => {
    account.addService('shop', { ...TAGS, METRICS_PORT: '3000' });
    await of('shop');
    expect(asked()).not.toContain('DescribeServices');
  });

  it('that ECS manages is never owned, for it is ECS that registers there', async () => {
    account.addService('webapp-svc', OWNED);
    account.managed.set('webapp', ['webapp-svc']);
    expect((await of('webapp')).owned).toBeUndefined();
  });
});

describe('the namespaces', () => {
  it('are those of the parameter, with spaces or without', async () => {
    account.namespaces.add('other').add('third');
    account.services.set('shop', { namespace: 'other', tags: TAGS, instances: new Map() });
    account.services.set('cart', { namespace: 'third', tags: TAGS, instances: new Map() });
    account.parameters.write(NAMESPACES, ' ecs-services, other ,,');
    expect(await of('shop')).toMatchObject({ tagged: { namespace: 'other' } });
    expect(await of('cart')).toEqual({});
  });

  it.each(['-', ''])('may be none: %p', async (value) => {
    account.parameters.write(NAMESPACES, value);
    expect(await of('shop')).toEqual({});
    expect(asked()).toEqual(['GetParameters']);
  });

  it('that do not exist are named, and the others are used', async () => {
    account.parameters.write(NAMESPACES, 'typo,ecs-services');
    account.addService('shop', TAGS);
    expect((await of('shop')).tagged).toBeDefined();
    expect((await of('cart')).incomplete).toMatchObject({
      name: 'NamespaceMissing',
      message: `namespace typo of parameter ${NAMESPACES} does not exist: correct the parameter or create the namespace`,
    });
    expect(account.log).toEqual([
      { level: 'warn', message: 'namespace does not exist', namespace: 'typo', parameter: NAMESPACES },
    ]);
  });

  it('are unknown without the parameter', async () => {
    account.parameters.remove(NAMESPACES);
    await expect(of('shop')).rejects.toMatchObject({
      name: 'NamespacesParameterMissing',
      message: `parameter ${NAMESPACES} does not exist: create it with the comma-separated names of your Cloud Map namespaces`,
    });
    account.parameters.write(NAMESPACES, 'ecs-services');
    expect(await of('shop')).toEqual({});
  });

  it('are not asked for where the settings name no parameter', async () => {
    account = createAccount({ namespacesParameter: undefined });
    expect(await of('shop')).toEqual({});
    expect(await account.deps.cloudMapLookup.owned()).toEqual([]);
    expect(asked()).toEqual([]);
  });
});

describe('the services that this deployment owns', () => {
  it('are all that carry its tag, with its name', async () => {
    account.addService('shop', OWNED);
    account.addService('cart', { 'ecs-prometheus-discovery:owner': 'other' });
    account.addService('web', TAGS);
    account.addService('both', { ...OWNED, ...TAGS });
    expect((await account.deps.cloudMapLookup.owned()).map(({ name }) => name)).toEqual(['shop', 'both']);
  });
});

describe('the service that this deployment owns for an ECS service', () => {
  const ownedOf = (service: string) => account.deps.cloudMapLookup.ownedOf(service);

  it('is found without a question to ECS', async () => {
    account.addService('shop', OWNED);
    account.addService('cart', TAGS);
    expect(await ownedOf('shop')).toMatchObject({ owned: { id: 'srv-shop' } });
    expect(await ownedOf('cart')).toEqual({});
    expect(asked()).not.toContain('DescribeServices');
  });

  it('may be in a namespace that does not exist yet', async () => {
    account.parameters.write(NAMESPACES, 'typo,ecs-services');
    expect((await ownedOf('shop')).incomplete).toMatchObject({ name: 'NamespaceMissing' });
  });
});

describe('what Cloud Map said', () => {
  beforeEach(() => {
    account.addService('shop', TAGS);
    account.addService('cart', {});
  });

  it('is asked for once by a whole batch', async () => {
    await Promise.all(['a', 'b', 'c', 'a'].map(of));
    expect(asked()).toEqual(['GetParameters', 'ListNamespaces', 'ListServices', 'DescribeServices']);
  });

  it('is used for five minutes, not longer', async () => {
    await of('shop');
    account.addService('shop', {});
    account.clock.advance(299_000);
    expect((await of('shop')).tagged).toBeDefined();
    account.clock.advance(2000);
    expect((await of('shop')).tagged).toBeUndefined();
  });

  it('is asked for again where it is older than it may be, once for all who say so', async () => {
    await of('shop');
    account.clock.advance(60_000);
    const since = account.clock.now() - 30_000;
    account.addService('shop', {});
    const { cloudMapLookup } = account.deps;
    const answers = await Promise.all([
      cloudMapLookup.of('prod', 'shop', since),
      cloudMapLookup.of('prod', 'shop', since),
    ]);
    expect(answers.map(({ tagged }) => tagged)).toEqual([undefined, undefined]);
    expect(account.client.calls('ListNamespaces')).toBe(2);
  });

  it.each(['GetParameters', 'ListNamespaces', 'ListServices', 'ListTagsForResource'])(
    'is an error when %s fails, never that there is nothing; and is asked for again',
    async (failing) => {
      account.before = (operation) => {
        if (operation === failing) throw awsError('ThrottlingException');
      };
      await expect(of('shop')).rejects.toMatchObject({ name: 'ThrottlingException' });
      account.before = undefined;
      expect((await of('shop')).tagged).toBeDefined();
    },
  );
});
