import { describe, expect, it } from '@jest/globals';
import { createCloudMap } from '../../../functions/aws/cloud-map.ts';
import { virtualClock } from '../../factories/clock.ts';
import { awsError, fakeClient, pageOf } from '../../factories/senders.ts';
import { idOf } from '../../factories/tasks.ts';

const registration = { serviceId: 'srv-1', instanceId: idOf(1), attributes: { AWS_INSTANCE_IPV4: '10.0.0.1' } };

/** Fails so many times before it succeeds. */
const failing = (times: number, name: string) => (_: never, call: number) => {
  if (call < times) throw awsError(name);
  return { OperationId: 'op' };
};

const cloudMapOf = (answers: Parameters<typeof fakeClient>[0]) => {
  const client = fakeClient(answers);
  const clock = virtualClock();
  return { client, clock, cloudMap: createCloudMap(client, clock) };
};

describe('what Cloud Map lists', () => {
  type Paged = { readonly NextToken?: string; readonly MaxResults: number };
  const many = Array.from({ length: 250 }, (_, number) => number);
  const paged = (field: string, item: (number: number) => object) => (request: Paged) => {
    const { items, next } = pageOf(many, request.MaxResults, request.NextToken);
    return { [field]: items.map(item), NextToken: next };
  };

  it('comes with all its pages: namespaces', async () => {
    const { client, cloudMap } = cloudMapOf({
      ListNamespaces: paged('Namespaces', (number) => ({ Name: `n${number}`, Id: `ns-${number}` })),
    });
    const found = await cloudMap.listNamespaces();
    expect(found.size).toBe(250);
    expect(found.get('n249')).toBe('ns-249');
    expect(client.calls('ListNamespaces')).toBe(3);
  });

  it('comes with all its pages: the services of a namespace', async () => {
    const { client, cloudMap } = cloudMapOf({
      ListServices: paged('Services', (number) => ({ Id: `srv-${number}`, Arn: `arn-${number}`, Name: `s${number}` })),
    });
    const found = await cloudMap.listServices('ns-7');
    expect(found).toHaveLength(250);
    expect(found.at(-1)).toEqual({ id: 'srv-249', arn: 'arn-249', name: 's249' });
    for (const { input } of client.sent) {
      expect(input).toMatchObject({ Filters: [{ Name: 'NAMESPACE_ID', Values: ['ns-7'], Condition: 'EQ' }] });
    }
  });

  it('comes with all its pages: the instances of a service', async () => {
    const { cloudMap } = cloudMapOf({
      ListInstances: paged('Instances', (number) => ({ Id: `i${number}`, Attributes: { number: String(number) } })),
    });
    const found = await cloudMap.listInstances('srv-1');
    expect(found).toHaveLength(250);
    expect(found.at(-1)).toEqual({ instanceId: 'i249', attributes: { number: '249' } });
  });

  it('is nothing rather than a part of it when a page is throttled', async () => {
    const { cloudMap } = cloudMapOf({
      ListInstances: (_: never, call: number) => {
        if (call === 1) throw awsError('RequestLimitExceeded');
        return { Instances: [{ Id: 'i1' }], NextToken: '1' };
      },
    });
    await expect(cloudMap.listInstances('srv-1')).rejects.toThrow('Rate exceeded');
  });

  it('has tags as a record', async () => {
    const { client, cloudMap } = cloudMapOf({
      ListTagsForResource: () => ({ Tags: [{ Key: 'METRICS_PORT', Value: '3000' }, { Key: 'empty' }] }),
    });
    expect(await cloudMap.listTags('arn-1')).toEqual({ METRICS_PORT: '3000', empty: '' });
    expect(client.sent[0]?.input).toEqual({ ResourceARN: 'arn-1' });
  });
});

describe('registering', () => {
  it('sends the full set of attributes', async () => {
    const { client, cloudMap } = cloudMapOf({ RegisterInstance: failing(0, '') });
    await cloudMap.register(registration);
    expect(client.sent).toEqual([
      {
        operation: 'RegisterInstance',
        input: { ServiceId: 'srv-1', InstanceId: idOf(1), Attributes: { AWS_INSTANCE_IPV4: '10.0.0.1' } },
      },
    ]);
  });

  it.each(['DuplicateRequest', 'ResourceInUse', 'ThrottlingException', 'RequestLimitExceeded'])(
    'waits for what is in flight: %s',
    async (name) => {
      const { client, clock, cloudMap } = cloudMapOf({ RegisterInstance: failing(3, name) });
      await cloudMap.register(registration);
      expect(client.calls('RegisterInstance')).toBe(4);
      expect(clock.slept).toEqual([100, 200, 400]);
    },
  );

  it('gives up in the end, and the record is tried again', async () => {
    const { client, cloudMap } = cloudMapOf({
      RegisterInstance: failing(Number.POSITIVE_INFINITY, 'DuplicateRequest'),
    });
    await expect(cloudMap.register(registration)).rejects.toMatchObject({ name: 'DuplicateRequest' });
    expect(client.calls('RegisterInstance')).toBe(7);
  });

  it('does not try again what will not get better', async () => {
    const { client, cloudMap } = cloudMapOf({ RegisterInstance: failing(1, 'ServiceNotFound') });
    await expect(cloudMap.register(registration)).rejects.toMatchObject({ name: 'ServiceNotFound' });
    expect(client.calls('RegisterInstance')).toBe(1);
  });
});

describe('deregistering', () => {
  it('says whether there was such an instance', async () => {
    const { client, cloudMap } = cloudMapOf({
      DeregisterInstance: ({ InstanceId }: { InstanceId: string }) => {
        if (InstanceId === idOf(2)) throw awsError('InstanceNotFound');
        return { OperationId: 'op' };
      },
    });
    expect(await cloudMap.deregister('srv-1', idOf(1))).toBe(true);
    expect(await cloudMap.deregister('srv-1', idOf(2))).toBe(false);
    expect(client.sent[0]?.input).toEqual({ ServiceId: 'srv-1', InstanceId: idOf(1) });
  });

  it('waits for a registration that is in flight', async () => {
    const { client, cloudMap } = cloudMapOf({ DeregisterInstance: failing(2, 'DuplicateRequest') });
    expect(await cloudMap.deregister('srv-1', idOf(1))).toBe(true);
    expect(client.calls('DeregisterInstance')).toBe(3);
  });

  it('fails where AWS does not say', async () => {
    const { cloudMap } = cloudMapOf({ DeregisterInstance: failing(1, 'AccessDeniedException') });
    await expect(cloudMap.deregister('srv-1', idOf(1))).rejects.toMatchObject({ name: 'AccessDeniedException' });
  });
});
