import { randomUUID } from 'node:crypto';
import { EC2Client, RunInstancesCommand } from '@aws-sdk/client-ec2';
import { loopbackClientConfig } from '../loopback.ts';

/** A machine that tasks without a network interface of their own run on. Here it is an address of this machine. */
export interface Host {
  /** Id of the container instance. */
  readonly id: string;
  readonly ec2InstanceId: string;
  readonly address: string;
}

/** @param aws endpoint of the emulated AWS, whose EC2 then knows their addresses */
export const startHosts = (aws: string, addresses: readonly string[]): Promise<Host[]> => {
  const ec2 = new EC2Client(loopbackClientConfig(aws));
  return Promise.all(
    addresses.map(async (address) => {
      const { Instances } = await ec2.send(
        new RunInstancesCommand({
          ...{ ImageId: 'ami-0123456789abcdef0', InstanceType: 't4g.small', MinCount: 1, MaxCount: 1 },
          PrivateIpAddress: address,
        }),
      );
      return { id: randomUUID().replaceAll('-', ''), ec2InstanceId: Instances?.[0]?.InstanceId ?? '', address };
    }),
  );
};
