import { describe, expect, it } from '@jest/globals';
import { createEc2 } from '../../../functions/aws/ec2.ts';
import { fakeClient, pageOf } from '../../factories/senders.ts';

type Request = { readonly Filters: { Name: string; Values: string[] }[]; readonly NextToken?: string };

describe('the private addresses of EC2 instances', () => {
  it('come from all pages of all reservations', async () => {
    const known = Array.from({ length: 5 }, (_, index) => ({
      InstanceId: `i-${index}`,
      PrivateIpAddress: `10.0.0.${index}`,
    }));
    const client = fakeClient({
      DescribeInstances: ({ NextToken }: Request) => {
        const { items, next } = pageOf(known, 2, NextToken);
        return { Reservations: items.map((it) => ({ Instances: [it] })), NextToken: next };
      },
    });
    const found = await createEc2(async () => client).privateAddresses(known.map(({ InstanceId }) => InstanceId));
    expect(Object.fromEntries(found)).toEqual({
      'i-0': '10.0.0.0',
      'i-1': '10.0.0.1',
      'i-2': '10.0.0.2',
      'i-3': '10.0.0.3',
      'i-4': '10.0.0.4',
    });
  });

  it('are asked for by a filter, so that an instance that is gone does not fail the others', async () => {
    const client = fakeClient({ DescribeInstances: () => ({ Reservations: [] }) });
    await createEc2(async () => client).privateAddresses(['i-1', 'i-2']);
    expect(client.sent[0]?.input).toEqual({ Filters: [{ Name: 'instance-id', Values: ['i-1', 'i-2'] }] });
  });

  it('tell an instance without one from one that EC2 does not speak of', async () => {
    const Instances = [{ InstanceId: 'i-1', PrivateIpAddress: '10.0.0.1' }, { InstanceId: 'i-2' }];
    const client = fakeClient({ DescribeInstances: () => ({ Reservations: [{ Instances }, {}] }) });
    const found = await createEc2(async () => client).privateAddresses(['i-1', 'i-2', 'i-3']);
    expect(Object.fromEntries(found)).toEqual({ 'i-1': '10.0.0.1', 'i-2': null });
  });

  it.each<[string, object, string]>([
    ['IPv4 where there is one', { PrivateIpAddress: '10.0.0.1', Ipv6Address: '2001:db8::1' }, '10.0.0.1'],
    ['IPv6 where there is no other', { PrivateIpAddress: '', Ipv6Address: '2001:db8::1' }, '2001:db8::1'],
    [
      'the primary IPv6 address of the primary interface',
      {
        NetworkInterfaces: [
          { Attachment: { DeviceIndex: 1 }, Ipv6Addresses: [{ Ipv6Address: '2001:db8::9' }] },
          {
            Attachment: { DeviceIndex: 0 },
            Ipv6Addresses: [{ Ipv6Address: '2001:db8::1' }, { Ipv6Address: '2001:db8::2', IsPrimaryIpv6: true }],
          },
        ],
      },
      '2001:db8::2',
    ],
  ])('are %s', async (_, instance, address) => {
    const Instances = [{ InstanceId: 'i-1', ...instance }];
    const client = fakeClient({ DescribeInstances: () => ({ Reservations: [{ Instances }] }) });
    const found = await createEc2(async () => client).privateAddresses(['i-1']);
    expect(found.get('i-1')).toBe(address);
  });
});
