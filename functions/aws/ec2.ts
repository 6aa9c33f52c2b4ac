/** Addresses of container instances within their VPC, for tasks that use their host's network. */
import type { EC2Client, Instance } from '@aws-sdk/client-ec2';
import type { LazySender } from './clients.ts';
import { allPages } from './paging.ts';

/** Most instance ids in one filter of DescribeInstances (EC2 API reference: 200 values a filter). */
export const INSTANCES_PER_CALL = 200;

export interface Ec2 {
  /**
   * Address of each instance: the private IPv4 address of its primary interface, in an IPv6-only subnet its IPv6 address,
   * null where it has neither. Instances that EC2 does not speak of are absent.
   */
  privateAddresses(instanceIds: readonly string[]): Promise<Map<string, string | null>>;
}

export function createEc2(connect: LazySender<EC2Client>): Ec2 {
  return {
    async privateAddresses(instanceIds) {
      const client = await connect();
      const { DescribeInstancesCommand } = await import('@aws-sdk/client-ec2');
      // A filter, because InstanceIds fails the whole request when one of them is gone.
      const Filters = [{ Name: 'instance-id', Values: [...instanceIds] }];
      const reservations = await allPages(async (NextToken) => {
        const page = await client.send(new DescribeInstancesCommand({ Filters, NextToken }));
        return { items: page.Reservations ?? [], next: page.NextToken };
      });
      return new Map(
        reservations
          .flatMap(({ Instances = [] }) => Instances)
          .map((instance) => [instance.InstanceId ?? '', addressOf(instance)]),
      );
    },
  };
}

function addressOf({ PrivateIpAddress, Ipv6Address, NetworkInterfaces = [] }: Instance): string | null {
  const primary = NetworkInterfaces.find(({ Attachment }) => Attachment?.DeviceIndex === 0);
  const addresses = primary?.Ipv6Addresses ?? [];
  const ofPrimary = addresses.find(({ IsPrimaryIpv6 }) => IsPrimaryIpv6) ?? addresses[0];
  // EC2 leaves these empty, not out, where there are none.
  return PrivateIpAddress || Ipv6Address || ofPrimary?.Ipv6Address || null;
}
