/** The discovery as `cdk deploy` brings it into an account, with an ECS that a test decides about. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { GetFunctionConfigurationCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { ListInstancesCommand, ServiceDiscoveryClient } from '@aws-sdk/client-servicediscovery';
import {
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createParameters } from '../../functions/aws/parameters.ts';
import { createShardStore, type ShardRead } from '../../functions/aws/shard-store.ts';
import { systemClock } from '../../functions/aws/system-clock.ts';
import { type TargetGroup, targetGroups } from '../../functions/discovery/target/file-sd.ts';
import type { ResyncSummary } from '../../functions/resync/resync-summary.ts';
import { type Deployment, type DeployOptions, deployDiscovery } from '../../infra/local/deployment.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION, loopbackClientConfig } from '../../infra/local/loopback.ts';
import { type Ministack, startMinistack } from '../../infra/local/ministack/ministack.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import { type FakeEcs, startFakeEcs } from './fake-ecs.ts';

export type Json = Record<string, unknown>;

export interface Event extends Json {
  readonly time: string;
  readonly detail: Json;
}

export interface DiscoveryOptions {
  /** Told apart by their names: each has its own folder below `.local/test`. */
  readonly name: string;
  readonly settings: Readonly<Record<string, string>>;
  /** More environment for the emulated account. */
  readonly environment?: Readonly<Record<string, string>>;
  /** What a team has in its account before it deploys. */
  readonly prepare?: (account: { readonly aws: Ministack; readonly ecs: FakeEcs }) => Promise<void>;
}

/** Shards of each cluster, as the settings give them by default. */
export const SHARDS = 4;

/** Asks again and again until there is an answer, for half a minute at most: a record is tried again after 5, then 10 s. */
export async function until<T>(what: string, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(50);
  }
  throw new Error(`waited in vain for ${what}`);
}

export type DeployedDiscovery = Awaited<ReturnType<typeof deployedDiscovery>>;

export const deployedDiscovery = async ({ name, settings, environment, prepare }: DiscoveryOptions) => {
  const stack = new AsyncDisposableStack();
  try {
    const ecs = await startFakeEcs();
    stack.defer(ecs.stop);
    const aws = await startMinistack({
      directory: `.local/test/${name}/ministack`,
      environment: { AWS_ENDPOINT_URL_ECS: ecs.endpoint, ...environment },
    });
    stack.defer(aws.stop);
    await prepare?.({ aws, ecs });
    const options: DeployOptions = {
      settings,
      directory: `.local/test/${name}/cdk`,
      log: resolve(PROJECT_ROOT, `.local/test/${name}/cdk.log`),
    };
    const deployment = await deployDiscovery(aws, options);
    return { name, aws, ecs, options, deployment, ...access(aws, deployment), stop: () => stack.disposeAsync() };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
};

/** What the tests do with it, through the APIs a user has. */
const access = ({ endpoint }: Ministack, { deployment, functions, queues }: Deployment) => {
  const config = loopbackClientConfig(endpoint);
  const events = new EventBridgeClient(config);
  const sqs = new SQSClient(config);
  const lambda = new LambdaClient(config);
  const cloudMap = new ServiceDiscoveryClient(config);
  const ssm = new SSMClient(config);
  const parameters = createParameters({ read: ssm, write: ssm }, 'Advanced');
  const store = createShardStore(parameters, { deployment, shardTier: 'Advanced' }, systemClock);

  const shards = async (cluster: string, count = SHARDS): Promise<ShardRead[]> => [
    ...(await store.read(cluster, [...Array(count).keys()])).values(),
  ];
  /** What target-sync writes into the files of a cluster. */
  const targets = async (cluster: string): Promise<TargetGroup[]> =>
    (await shards(cluster)).flatMap((read) => (read.kind === 'shard' ? targetGroups(read.shard) : []));

  const addressesOf = async (cluster: string): Promise<string[]> =>
    (await targets(cluster)).flatMap((group) => group.targets).sort();
  /** Messages in a queue, visible or not. */
  const waiting = async (QueueUrl: string = queues.taskChange): Promise<number> => {
    const AttributeNames = ['ApproximateNumberOfMessages' as const, 'ApproximateNumberOfMessagesNotVisible' as const];
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
  };
  const logs = async (name: string = functions.taskChange): Promise<Json[]> =>
    (await logLines(lambda, endpoint, name)).flatMap((line) => (line.startsWith('{"level"') ? JSON.parse(line) : []));

  return {
    lambda,
    sqs,
    ssm,
    shards,
    targets,
    addressesOf,
    waiting,
    /** The structured lines of a function's log. */
    logs,
    /** Waits until exactly these addresses are scraped. */
    untilPublished: (cluster: string, ...addresses: string[]) =>
      until(`${cluster} to have exactly ${addresses.join(', ') || 'no target'}`, async () => {
        const found = await addressesOf(cluster);
        return JSON.stringify(found) === JSON.stringify([...addresses].sort()) || undefined;
      }),
    untilHandled: () => until('an empty queue', async () => ((await waiting()) === 0 ? true : undefined)),
    /** Waits for a line with all these fields in the log of the function that handles task changes. */
    untilLogged: (fields: Json) =>
      until(`a line with ${JSON.stringify(fields)}`, async () =>
        (await logs()).find((line) => Object.entries(fields).every(([key, value]) => line[key] === value)),
      ),
    /** Sends events as ECS does. */
    send: async (...all: readonly Event[]): Promise<void> => {
      const Entries = all.map((event) => ({
        Source: String(event['source']),
        DetailType: String(event['detail-type']),
        Time: new Date(event.time),
        Detail: JSON.stringify(event.detail),
      }));
      const { FailedEntryCount } = await events.send(new PutEventsCommand({ Entries }));
      if (FailedEntryCount !== 0) throw new Error('EventBridge refused an event');
    },
    /** Puts something into the queue of task changes that EventBridge would not. */
    enqueue: (MessageBody: string) => sqs.send(new SendMessageCommand({ QueueUrl: queues.taskChange, MessageBody })),
    /** Versions of the shards of a cluster, which rise with each write. */
    versions: async (cluster: string): Promise<number[]> =>
      (await shards(cluster)).map((read) => (read.kind === 'missing' ? 0 : read.version)),
    /** Takes what is in the dead-letter queue, ten messages at most. */
    takeDeadLetters: async (): Promise<Message[]> => {
      const QueueUrl = queues.deadLetters;
      const receive = new ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: 10,
        MessageAttributeNames: ['All'],
      });
      const { Messages = [] } = await sqs.send(receive);
      for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      return Messages;
    },
    instances: async (ServiceId: string) =>
      (await cloudMap.send(new ListInstancesCommand({ ServiceId }))).Instances?.map(({ Id, Attributes }) => ({
        id: Id,
        ...Attributes,
      })) ?? [],
    resync: async (request: Json = {}): Promise<ResyncSummary> => {
      const command = new InvokeCommand({ FunctionName: functions.resync, Payload: JSON.stringify(request) });
      const { FunctionError, Payload } = await lambda.send(command);
      const text = Payload?.transformToString() ?? '';
      if (FunctionError !== undefined) throw new Error(text);
      return JSON.parse(text) as ResyncSummary;
    },
    /** Everything a function has written to its log, line by line. */
    logText: (name: string): Promise<string[]> => logLines(lambda, endpoint, name),
  };
};

const logLines = async (lambda: LambdaClient, endpoint: string, FunctionName: string): Promise<string[]> => {
  const { LoggingConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  // There is no client of CloudWatch Logs among the dependencies for this one request.
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.FilterLogEvents',
      authorization: `AWS4-HMAC-SHA256 Credential=test/20261125/${LOCAL_REGION}/logs/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify({ logGroupName: LoggingConfig?.LogGroup, limit: 10_000 }),
  });
  const { events = [] } = (await response.json()) as { events?: { message: string }[] };
  return events.map(({ message }) => message);
};

/** An event of test/fixtures/events, as if it had happened in the emulated account, and now. */
export const fixture = (path: string, change: (detail: Json) => Json = (detail) => detail): Event => {
  const text = readFileSync(join(PROJECT_ROOT, 'test/fixtures/events', path), 'utf8')
    .replaceAll('eu-west-2:111122223333', `${LOCAL_REGION}:${LOCAL_ACCOUNT}`)
    .replaceAll('us-east-1:111122223333', `${LOCAL_REGION}:${LOCAL_ACCOUNT}`);
  const event = JSON.parse(text) as Event;
  return { ...event, time: new Date().toISOString(), detail: change(event.detail) };
};

export const stopped = (event: Event, change: Json = {}): Event => ({
  ...event,
  detail: {
    ...event.detail,
    desiredStatus: 'STOPPED',
    stoppingAt: new Date().toISOString(),
    version: Number(event.detail['version']) + 1,
    ...change,
  },
});

/** The same task under another id. */
export const twin = (event: Event, id: string): Event => {
  const before = String(event.detail['taskArn']);
  const old = before.slice(before.lastIndexOf('/') + 1);
  return JSON.parse(JSON.stringify(event).replaceAll(old, id)) as Event;
};

export const taskId = ({ detail }: Event): string => String(detail['taskArn']).split('/').at(-1) ?? '';
