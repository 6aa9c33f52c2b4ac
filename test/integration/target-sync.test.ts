import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shardParameterName, TARGETS_CHANGED } from '../../functions/discovery/names.ts';
import { EMPTY_SHARD } from '../../functions/discovery/shard/shard.ts';
import { encodeShard } from '../../functions/discovery/shard/shard-codec.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';
import { loopbackClientConfig } from '../../infra/local/loopback.ts';
import { type Ministack, startMinistack } from '../../infra/local/ministack/ministack.ts';
import { inFolder } from '../containers/target-sync/fixtures.ts';
import { startTargetSync, until, untilTargets } from '../containers/target-sync/process.ts';

const DEPLOYMENT = 'discovery';
const QUEUE_ARN = 'arn:aws:sqs:us-east-1:000000000000:target-sync-test';

describe('target-sync on an emulated AWS', () => {
  let aws: Ministack;
  let events: EventBridgeClient;
  let parameters: SSMClient;
  let queues: SQSClient;
  let queueUrl: string;

  beforeAll(async () => {
    aws = await startMinistack({ directory: '.local/test/target-sync' });
    const config = loopbackClientConfig(aws.endpoint);
    events = new EventBridgeClient(config);
    parameters = new SSMClient(config);
    queues = new SQSClient(config);
    // The emulator may hand a message to the open request of a process that has ended; then it is back after this.
    const Attributes = { VisibilityTimeout: '1' };
    queueUrl =
      (await queues.send(new CreateQueueCommand({ QueueName: 'target-sync-test', Attributes }))).QueueUrl ?? '';
    const rule = { source: [TARGETS_CHANGED.source], 'detail-type': [TARGETS_CHANGED.detailType] };
    await events.send(new PutRuleCommand({ Name: 'changes', EventPattern: JSON.stringify(rule) }));
    await events.send(new PutTargetsCommand({ Rule: 'changes', Targets: [{ Id: 'queue', Arn: QUEUE_ARN }] }));
  }, 120_000);

  afterAll(() => aws.stop());

  /** Writes a shard with one target, as a Lambda does, and returns its version. */
  async function put(shard: number, address: string): Promise<number> {
    const Name = shardParameterName(DEPLOYMENT, 'prod', shard);
    const base = await parameters.send(new GetParameterCommand({ Name })).then(
      ({ Parameter }) => Parameter?.Version ?? 0,
      () => 0,
    );
    const taskId = address as TaskId;
    const task = { taskId, version: 1, address, labels: { cluster: 'prod' }, targets: [{ port: 3000, labels: {} }] };
    const Value = encodeShard({ base, shard: { ...EMPTY_SHARD, tasks: new Map([[taskId, task]]) } }, 4096);
    const { Version } = await parameters.send(
      new PutParameterCommand({ Name, Value: String(Value), Type: 'String', Overwrite: true }),
    );
    return Version ?? 0;
  }

  const announce = (shard: number, version: number) =>
    events.send(
      new PutEventsCommand({
        Entries: [
          {
            Source: TARGETS_CHANGED.source,
            DetailType: TARGETS_CHANGED.detailType,
            Detail: JSON.stringify({ deployment: DEPLOYMENT, cluster: 'prod', shards: [{ shard, version }] }),
          },
        ],
      }),
    );

  const start = (directory: string) =>
    startTargetSync({
      ...aws.environment,
      DISCOVERY_DEPLOYMENT: DEPLOYMENT,
      DISCOVERY_CLUSTERS: 'prod',
      DISCOVERY_SHARDS: '2',
      TARGET_SYNC_QUEUE_URL: queueUrl,
      TARGET_SYNC_DIRECTORY: directory,
    });

  const messagesLeft = async () => {
    const AttributeNames = ['ApproximateNumberOfMessages' as const, 'ApproximateNumberOfMessagesNotVisible' as const];
    const { Attributes } = await queues.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames }));
    return Object.values(Attributes ?? {}).reduce((sum, count) => sum + Number(count), 0);
  };

  it(
    'turns an event of EventBridge into a file, deletes the message, and leaves the other shards alone',
    () =>
      inFolder(async (directory) => {
        await put(0, '10.0.0.1');
        await put(1, '10.0.0.2');
        const process = start(directory);
        await untilTargets(directory, 'prod-0.json', '10.0.0.1:3000');
        await untilTargets(directory, 'prod-1.json', '10.0.0.2:3000');
        const untouched = await stat(join(directory, 'prod-1.json'));

        for (let round = 3; round < 8; round += 1) {
          await announce(0, await put(0, `10.0.0.${round}`));
          await untilTargets(directory, 'prod-0.json', `10.0.0.${round}:3000`);
        }
        const changes = () => process.lines().filter(({ cause }) => cause === 'event').length;
        // The line comes after the file.
        await until('five lines about them', () => changes() === 5 || undefined);
        await until('an empty queue', async () => ((await messagesLeft()) === 0 ? true : undefined));
        expect((await stat(join(directory, 'prod-1.json'))).mtimeMs).toBe(untouched.mtimeMs);
        expect(await process.end('SIGTERM')).toEqual([0, null]);
      }),
    30_000,
  );

  it(
    'catches up on events that came while it was down',
    () =>
      inFolder(async (directory) => {
        await announce(0, await put(0, '10.0.0.20'));
        const process = start(directory);
        await untilTargets(directory, 'prod-0.json', '10.0.0.20:3000');
        await until('an empty queue', async () => ((await messagesLeft()) === 0 ? true : undefined));
        expect(await process.end('SIGTERM')).toEqual([0, null]);
      }),
    30_000,
  );
});
