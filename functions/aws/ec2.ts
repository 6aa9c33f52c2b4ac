/** Private addresses of container instances, for tasks that use their host's network. */
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { LazySender } from './clients.ts';
import { allPages } from './paging.ts';

/** Most instance ids in one filter of DescribeInstances (EC2 API reference: 200 values a filter). */
export const INSTANCES_PER_CALL = 200;

export interface Ec2 {
  /** Private IPv4 address of each instance, null where it has none; instances that EC2 does not speak of are absent. */
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
          .map(({ InstanceId = '', PrivateIpAddress }) => [InstanceId, PrivateIpAddress ?? null]),
      );
    },
  };
}
