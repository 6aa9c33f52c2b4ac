/** The AWS clients of a process, built in one place. */
import type { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import type { GrafanaClient } from '@aws-sdk/client-grafana';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import { ServiceDiscoveryClient } from '@aws-sdk/client-servicediscovery';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createCallCounter } from './call-counter.ts';

/** What an adapter needs of an SDK client. */
export type Sender<Client extends { send: unknown }> = Pick<Client, 'send'>;

/** A client that is rarely needed: loading it costs a Lambda 60 to 350 ms, so it is loaded when it is. */
export type LazySender<Client extends { send: unknown }> = () => Promise<Sender<Client>>;

/** What both Lambdas send requests with; tests give their own. */
export interface Clients {
  readonly ecs: Sender<ECSClient>;
  readonly ec2: LazySender<EC2Client>;
  readonly ssmRead: Sender<SSMClient>;
  readonly ssmWrite: Sender<SSMClient>;
  readonly serviceDiscovery: Sender<ServiceDiscoveryClient>;
  readonly events: Sender<EventBridgeClient>;
}

/** Adaptive retries slow a client down when AWS throttles it: the limits are shared with the whole account. */
const POLITE = { retryMode: 'adaptive', maxAttempts: 6, requestHandler: answerWithin(5000) } as const;

/**
 * Reads of SSM are retried by the SDK as everywhere; a write is tried once, because whether it may be tried again
 * depends on how old the observation behind it is (see shard-store.ts).
 */
const ONCE = { maxAttempts: 1, requestHandler: answerWithin(5000) } as const;

export const ssmReadClient = (): SSMClient => new SSMClient(POLITE);

/** The clients of the Lambdas, and how many requests they have sent. */
export function createClients() {
  const calls = createCallCounter();
  return {
    ecs: calls.watch(new ECSClient(POLITE)),
    ssmRead: calls.watch(ssmReadClient()),
    ssmWrite: calls.watch(new SSMClient(ONCE)),
    serviceDiscovery: calls.watch(new ServiceDiscoveryClient(POLITE)),
    events: calls.watch(new EventBridgeClient(POLITE)),
    ec2: once(async (): Promise<EC2Client> => {
      const { EC2Client } = await import('@aws-sdk/client-ec2');
      return calls.watch(new EC2Client(POLITE));
    }),
    calls,
  };
}

export const sqsClient = once(async (): Promise<SQSClient> => {
  const { SQSClient } = await import('@aws-sdk/client-sqs');
  // A long poll takes up to 20 s.
  return new SQSClient({ ...POLITE, requestHandler: answerWithin(25_000) });
});

export const lambdaClient = once(async (): Promise<LambdaClient> => {
  const { LambdaClient } = await import('@aws-sdk/client-lambda');
  return new LambdaClient(POLITE);
});

export const grafanaClient = once(async (): Promise<GrafanaClient> => {
  const { GrafanaClient } = await import('@aws-sdk/client-grafana');
  return new GrafanaClient(POLITE);
});

export const s3Client = once(async (): Promise<S3Client> => {
  const { S3Client } = await import('@aws-sdk/client-s3');
  return new S3Client(POLITE);
});

/** Without `throwOnRequestTimeout` the SDK only warns, and a request could be in flight for ever. */
function answerWithin(milliseconds: number) {
  return { requestTimeout: milliseconds, throwOnRequestTimeout: true, connectionTimeout: 2000 };
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
