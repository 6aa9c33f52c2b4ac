import { describe, expect, it } from '@jest/globals';
import { createCloudMap } from '../../../functions/aws/cloud-map.ts';
import { awsError, fakeClient, pageOf } from '../../factories/senders.ts';
import { idOf } from '../../factories/tasks.ts';

const registration = { serviceId: 'srv-1', instanceId: idOf(1), attributes: { AWS_INSTANCE_IPV4: '10.0.0.1' } };

/** Fails with an error of this name. */
const failing = (name: string) => () => {
  throw awsError(name);
};

const cloudMapOf = (answers: Parameters<typeof fakeClient>[0]) => {
  const client = fakeClient(answers);
  return { client, cloudMap: createCloudMap(async () => client) };
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
    expect(found).toHaveLength(250);
    expect(found.at(-1)).toEqual({ id: 'ns-249', name: 'n249' });
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

describe('one instance', () => {
  it('is what Cloud Map has of it', async () => {
    const { client, cloudMap } = cloudMapOf({ GetInstance: () => ({ Instance: { Id: 'i', Attributes: { a: 'b' } } }) });
    expect(await cloudMap.getInstance('srv-1', idOf(1))).toEqual({ instanceId: idOf(1), attributes: { a: 'b' } });
    expect(client.sent[0]?.input).toEqual({ ServiceId: 'srv-1', InstanceId: idOf(1) });
  });

  it('is absent where Cloud Map says so, and unknown where it does not', async () => {
    const absent = cloudMapOf({ GetInstance: failing('InstanceNotFound') }).cloudMap;
    expect(await absent.getInstance('srv-1', idOf(1))).toBeUndefined();
    const unknown = cloudMapOf({ GetInstance: failing('ServiceNotFound') }).cloudMap;
    await expect(unknown.getInstance('srv-1', idOf(1))).rejects.toMatchObject({ name: 'ServiceNotFound' });
  });
});

describe('registering', () => {
  it('sends the full set of attributes', async () => {
    const { client, cloudMap } = cloudMapOf({ RegisterInstance: () => ({ OperationId: 'op' }) });
    await cloudMap.register(registration);
    expect(client.sent).toEqual([
      {
        operation: 'RegisterInstance',
        input: { ServiceId: 'srv-1', InstanceId: idOf(1), Attributes: { AWS_INSTANCE_IPV4: '10.0.0.1' } },
      },
    ]);
  });

  it.each(['DuplicateRequest', 'ThrottlingException', 'ServiceNotFound'])(
    'leaves it to the queue to try again: %s',
    async (name) => {
      const { client, cloudMap } = cloudMapOf({ RegisterInstance: failing(name) });
      await expect(cloudMap.register(registration)).rejects.toMatchObject({ name });
      expect(client.calls('RegisterInstance')).toBe(1);
    },
  );
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

  it.each(['DuplicateRequest', 'AccessDeniedException'])('fails where AWS does not say: %s', async (name) => {
    const { cloudMap } = cloudMapOf({ DeregisterInstance: failing(name) });
    await expect(cloudMap.deregister('srv-1', idOf(1))).rejects.toMatchObject({ name });
  });
});
