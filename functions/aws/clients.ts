/** The AWS clients of a process, built in one place. */
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { ServiceDiscoveryClient } from '@aws-sdk/client-servicediscovery';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

/** What an adapter needs of an SDK client. */
export type Sender<Client extends { send: unknown }> = Pick<Client, 'send'>;

/** Adaptive retries slow a client down when AWS throttles it: the limits are shared with the whole account. */
const POLITE = { retryMode: 'adaptive', maxAttempts: 6, requestHandler: { requestTimeout: 5000 } } as const;

export const ecsClient = (): ECSClient => new ECSClient(POLITE);
export const ec2Client = (): EC2Client => new EC2Client(POLITE);
export const serviceDiscoveryClient = (): ServiceDiscoveryClient => new ServiceDiscoveryClient(POLITE);
export const eventBridgeClient = (): EventBridgeClient => new EventBridgeClient(POLITE);

/** A long poll takes up to 20 s. */
export const sqsClient = (): SQSClient => new SQSClient({ ...POLITE, requestHandler: { requestTimeout: 25_000 } });

/**
 * Reads are retried by the SDK as everywhere; a write is tried once, because whether it may be tried again depends on
 * how old the observation behind it is (see shard-store.ts).
 */
export const ssmReadClient = (): SSMClient => new SSMClient(POLITE);
export const ssmWriteClient = (): SSMClient =>
  new SSMClient({ maxAttempts: 1, requestHandler: { requestTimeout: 5000 } });
