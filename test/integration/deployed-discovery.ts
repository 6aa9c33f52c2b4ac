/** The discovery as `cdk deploy` brings it into an account, with an ECS that a test decides about. */
import { resolve } from 'node:path';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
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
import { createParameterReader } from '../../functions/aws/parameters.ts';
import { createShardReader, type ShardRead } from '../../functions/aws/shard-reader.ts';
import { systemClock } from '../../functions/aws/system-clock.ts';
import { type TargetGroup, targetGroups } from '../../functions/discovery/target/file-sd.ts';
import type { ResyncSummary } from '../../functions/resync/resync-summary.ts';
import { type Deployment, type DeployOptions, deployDiscovery } from '../../infra/local/deployment.ts';
import { loopbackClientConfig } from '../../infra/local/loopback.ts';
import { type Ministack, startMinistack } from '../../infra/local/ministack/ministack.ts';
import { PROJECT_ROOT } from '../../infra/local/paths.ts';
import type { Event, Json } from './events.ts';
import { type FakeEcs, startFakeEcs } from './fake-ecs.ts';
import { logLines } from './function-log.ts';
import { until } from './until.ts';

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
  const reader = createShardReader(createParameterReader(ssm), deployment, systemClock);

  const shards = async (cluster: string, count = SHARDS): Promise<ShardRead[]> => [
    ...(await reader.read(cluster, [...Array(count).keys()])).values(),
  ];
  /** What the target configuration of a cluster says is scraped. */
  const targets = async (cluster: string): Promise<TargetGroup[]> =>
    (await shards(cluster)).flatMap((read) =>
      read.kind === 'shard' ? targetGroups([...read.shard.tasks.values()].map((task) => task.targets)) : [],
    );
  const addressesOf = async (cluster: string): Promise<string[]> =>
    (await targets(cluster)).flatMap((group) => group.targets).sort();

  /** Messages in a queue, visible or not. */
  const waiting = async (QueueUrl: string): Promise<number> => {
    const AttributeNames = ['ApproximateNumberOfMessages' as const, 'ApproximateNumberOfMessagesNotVisible' as const];
    const { Attributes = {} } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
    return Object.values(Attributes).reduce((sum, count) => sum + Number(count), 0);
  };
  const logs = async (name: string = functions.observe): Promise<Json[]> =>
    (await logLines(lambda, endpoint, name)).flatMap((message) =>
      // The emulator may put two lines into one message.
      message.split(/(?=\{"level")/).flatMap((line) => (line.startsWith('{"level"') ? JSON.parse(line) : [])),
    );

  return {
    ...{ lambda, sqs, ssm, shards, targets, addressesOf, waiting, logs },
    /** Waits until exactly these addresses are in the target configuration. */
    untilPublished: (cluster: string, ...addresses: string[]) =>
      until(`${cluster} to have exactly ${addresses.join(', ') || 'no target'}`, async () => {
        const found = await addressesOf(cluster);
        return JSON.stringify(found) === JSON.stringify([...addresses].sort()) || undefined;
      }),
    /** Waits until observe has handled every event; what it announced may still be on its way. */
    untilObserved: () =>
      until('empty queues of events', async () =>
        (await waiting(queues.stops)) + (await waiting(queues.runs)) === 0 ? true : undefined,
      ),
    /** Waits for a line with all these fields in the log of a function, observe if none is named. */
    untilLogged: (fields: Json, name: string = functions.observe) =>
      until(`a line with ${JSON.stringify(fields)}`, async () =>
        (await logs(name)).find((line) => Object.entries(fields).every(([key, value]) => line[key] === value)),
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
    /** Puts something into a queue that nobody else would. */
    enqueue: (MessageBody: string, QueueUrl: string = queues.runs) =>
      sqs.send(new SendMessageCommand({ QueueUrl, MessageBody })),
    /** Versions of the shards of a cluster, which rise with each write. */
    versions: async (cluster: string): Promise<number[]> => (await shards(cluster)).map(({ newest }) => newest),
    /** Takes what is in a dead-letter queue, that of observe if none is named; ten messages at most. */
    takeDeadLetters: async (QueueUrl: string = queues.observeDeadLetters): Promise<Message[]> => {
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
