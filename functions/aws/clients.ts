/** The AWS clients of a process, built in one place. */
import type { EC2Client } from '@aws-sdk/client-ec2';
import { ECSClient } from '@aws-sdk/client-ecs';
import type { GrafanaClient } from '@aws-sdk/client-grafana';
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { S3Client } from '@aws-sdk/client-s3';
import type { ServiceDiscoveryClient } from '@aws-sdk/client-servicediscovery';
import { SNSClient } from '@aws-sdk/client-sns';
import type { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import type { STSClient } from '@aws-sdk/client-sts';
import { createCallCounter } from './call-counter.ts';
import type { CredentialProvider } from './credentials.ts';

/** What an adapter needs of an SDK client. */
export type Sender<Client extends { send: unknown }> = Pick<Client, 'send'>;

/** A client that is rarely needed: loading it costs a Lambda 60 to 350 ms, so it is loaded when it is. */
export type LazySender<Client extends { send: unknown }> = () => Promise<Sender<Client>>;

/** What tasks of one account and Region are looked at with. */
export interface EcsClients {
  readonly ecs: Sender<ECSClient>;
  readonly ec2: LazySender<EC2Client>;
}

/** What the stages send requests with; tests give their own. */
export interface Clients extends EcsClients {
  readonly sts: LazySender<STSClient>;
  /** The same for another account or Region. */
  readonly inRegion: (region: string, credentials: CredentialProvider) => EcsClients;
  readonly ssm: Sender<SSMClient>;
  readonly serviceDiscovery: LazySender<ServiceDiscoveryClient>;
  readonly sns: Sender<SNSClient>;
}

/** How long a client waits, and how often it tries. */
export interface Patience {
  /** Milliseconds until an answer must be complete. Without one the SDK waits for ever. */
  readonly requestTimeout: number;
  readonly maxAttempts: number;
}

/**
 * Retries live in one layer. Where a queue repeats what failed, a request is tried once: six tries of the SDK inside seven
 * of ours took one throttled RegisterInstance 145 s and 42 requests.
 */
export const PATIENCE = {
  /** All look-ups of a batch have two seconds; a request that hangs must fail before, so that a remembered answer serves. */
  observe: { requestTimeout: 1500, maxAttempts: 1 },
  store: { requestTimeout: 3000, maxAttempts: 1 },
  register: { requestTimeout: 5000, maxAttempts: 1 },
  /** Nothing repeats what a resync could not read, but the next resync. */
  resync: { requestTimeout: 5000, maxAttempts: 6 },
  /** Settling the messages of a batch: what fails here costs a visibility timeout. */
  queue: { requestTimeout: 5000, maxAttempts: 3 },
  targetSync: { requestTimeout: 5000, maxAttempts: 3 },
  /** A long poll takes up to 20 s. */
  targetSyncQueue: { requestTimeout: 25_000, maxAttempts: 1 },
} as const satisfies Readonly<Record<string, Patience>>;

/** The clients of a Lambda, and how many requests they have sent. */
export function createClients(patience: Patience) {
  const calls = createCallCounter();
  const options = clientOptions(patience);
  const ecsClients = (place: { readonly region?: string; readonly credentials?: CredentialProvider } = {}) => ({
    ecs: calls.watch(new ECSClient({ ...options, ...place })),
    ec2: once(async (): Promise<EC2Client> => {
      const { EC2Client } = await import('@aws-sdk/client-ec2');
      return calls.watch(new EC2Client({ ...options, ...place }));
    }),
  });
  return {
    ...ecsClients(),
    inRegion: (region: string, credentials: CredentialProvider) => ecsClients({ region, credentials }),
    sts: once(async (): Promise<STSClient> => {
      const { STSClient } = await import('@aws-sdk/client-sts');
      return calls.watch(new STSClient(options));
    }),
    ssm: calls.watch(new SSMClient(options)),
    sns: calls.watch(new SNSClient(options)),
    serviceDiscovery: once(async (): Promise<ServiceDiscoveryClient> => {
      const { ServiceDiscoveryClient } = await import('@aws-sdk/client-servicediscovery');
      return calls.watch(new ServiceDiscoveryClient(options));
    }),
    calls,
  };
}

// The marks let the bundles leave out the clients that they do not use.
export const sqsClient = /* @__PURE__ */ once(async (): Promise<SQSClient> => {
  const { SQSClient } = await import('@aws-sdk/client-sqs');
  // The URL of a queue names one host; FIPS, dual stack and AWS_ENDPOINT_URL name others, and they are what was asked for.
  return new SQSClient({ ...clientOptions(PATIENCE.queue), useQueueUrlAsEndpoint: false });
});

export const lambdaClient = /* @__PURE__ */ once(async (): Promise<LambdaClient> => {
  const { LambdaClient } = await import('@aws-sdk/client-lambda');
  return new LambdaClient(clientOptions(PATIENCE.resync));
});

export const grafanaClient = /* @__PURE__ */ once(async (): Promise<GrafanaClient> => {
  const { GrafanaClient } = await import('@aws-sdk/client-grafana');
  return new GrafanaClient(clientOptions(PATIENCE.resync));
});

export const s3Client = /* @__PURE__ */ once(async (): Promise<S3Client> => {
  const { S3Client } = await import('@aws-sdk/client-s3');
  return new S3Client(clientOptions(PATIENCE.resync));
});

/**
 * Adaptive retries slow a client down when AWS throttles it: the limits are shared with the whole account. Without
 * `throwOnRequestTimeout` the SDK only warns of a request that takes too long.
 */
export const clientOptions = ({ requestTimeout, maxAttempts }: Patience) => ({
  maxAttempts,
  ...(maxAttempts > 1 && { retryMode: 'adaptive' }),
  requestHandler: { requestTimeout, throwOnRequestTimeout: true, connectionTimeout: 2000 },
});

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
