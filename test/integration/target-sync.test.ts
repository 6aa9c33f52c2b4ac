/** target-sync between a topic, a queue and parameters of an emulated AWS, as the templates put it there. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { createParameters } from '../../functions/aws/parameters.ts';
import { createShardStore } from '../../functions/aws/shard-store.ts';
import { createAnnouncer } from '../../functions/aws/sns.ts';
import { systemClock } from '../../functions/aws/system-clock.ts';
import type { Announcement } from '../../functions/discovery/change/announcement.ts';
import { type TaskChange, toSeconds } from '../../functions/discovery/change/change.ts';
import { TARGET_FILES_FOLDER } from '../../functions/discovery/names.ts';
import { applyChanges, EMPTY_SHARD } from '../../functions/discovery/shard/shard.ts';
import { shardOfTask } from '../../functions/discovery/shard/shard-of-task.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';
import { loopbackClientConfig } from '../../infra/local/loopback.ts';
import { type Ministack, startMinistack } from '../../infra/local/ministack/ministack.ts';
import { startTargetSync, until, untilTargets } from '../containers/target-sync/process.ts';
import { inTemporaryFolder } from './temporary-folder.ts';

jest.setTimeout(40_000);

const [DEPLOYMENT, CLUSTER, SHARDS] = ['discovery', 'prod', 2];

describe('target-sync on an emulated AWS', () => {
  let aws: Ministack;
  let queues: SQSClient;
  let sns: SNSClient;
  let topicArn: string;
  let store: ReturnType<typeof createShardStore>;
  let announcer: ReturnType<typeof createAnnouncer>;

  beforeAll(async () => {
    aws = await startMinistack({ directory: '.local/test/target-sync' });
    const config = loopbackClientConfig(aws.endpoint);
    queues = new SQSClient(config);
    const parameters = createParameters(new SSMClient(config), 'Advanced');
    store = createShardStore(parameters, { deployment: DEPLOYMENT, shardTier: 'Advanced' }, systemClock);
    sns = new SNSClient(config);
    topicArn = (await sns.send(new CreateTopicCommand({ Name: 'changes' }))).TopicArn ?? '';
    announcer = createAnnouncer(sns, topicArn);
  }, 120_000);

  afterAll(() => aws.stop());

  /**
   * Each test has a queue of its own: the emulator hands a message to the open request of a process that has ended, and a
   * target-sync does not take an old message's word for a task that runs.
   */
  const subscribedQueue = async (QueueName: string): Promise<string> => {
    // A message that went to a process that was killed is back after this.
    const Attributes = { VisibilityTimeout: '1' };
    const { QueueUrl = '' } = await queues.send(new CreateQueueCommand({ QueueName, Attributes }));
    const Endpoint = `arn:aws:sqs:us-east-1:000000000000:${QueueName}`;
    const raw = { RawMessageDelivery: 'true' };
    await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint, Attributes: raw }));
    return QueueUrl;
  };

  /** The n-th task that belongs in a shard; its address tells it apart. */
  const taskIn = (shard: number, n: number): TaskId => {
    const ids = Array.from({ length: 1000 }, (_, index) => `task-${index}` as TaskId);
    return ids.filter((id) => shardOfTask(id, SHARDS) === shard)[n] as TaskId;
  };
  const upsert = (shard: number, n: number): TaskChange => {
    const taskId = taskIn(shard, n);
    const address = `10.0.${shard}.${n}`;
    const targets = {
      taskId,
      version: 1,
      address,
      labels: { cluster: CLUSTER },
      targets: [{ port: 3000, labels: {} }],
    };
    return { kind: 'upsert', taskId, version: 1, observed: toSeconds(Date.now()), targets };
  };
  const stop = (shard: number, n: number): TaskChange => ({
    kind: 'stop',
    taskId: taskIn(shard, n),
    version: 2,
    observed: toSeconds(Date.now()),
  });
  /** Writes a shard as the store does, and returns its version. */
  const write = async (shard: number, ...changes: TaskChange[]): Promise<number> => {
    const update = await store.update(
      CLUSTER,
      shard,
      async (read) => applyChanges(read.kind === 'shard' ? read.shard : EMPTY_SHARD, changes),
      Date.now() + 10_000,
    );
    return update.version;
  };
  const announce = async (what: Partial<Announcement>): Promise<void> => {
    const nothing = { changes: [], misregistered: [], compared: [], written: [] };
    const failed = await announcer.announce([{ deployment: DEPLOYMENT, cluster: CLUSTER, ...nothing, ...what }]);
    expect(failed).toEqual([]);
  };

  const start = (volume: string, queueUrl: string) => ({
    files: join(volume, TARGET_FILES_FOLDER),
    process: startTargetSync({
      ...aws.environment,
      DISCOVERY_DEPLOYMENT: DEPLOYMENT,
      DISCOVERY_CLUSTERS: CLUSTER,
      DISCOVERY_SHARDS: String(SHARDS),
      TARGET_SYNC_QUEUE_URL: queueUrl,
      TARGET_SYNC_DIRECTORY: volume,
    }),
  });

  const untilNothingWaits = (queueUrl: string) =>
    until('an empty queue', async () => {
      const AttributeNames = ['ApproximateNumberOfMessages' as const, 'ApproximateNumberOfMessagesNotVisible' as const];
      const { Attributes } = await queues.send(new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames }));
      return Object.values(Attributes ?? {}).every((count) => count === '0') || undefined;
    });

  it('turns announcements into files without a look at SSM, deletes the messages, and leaves other shards alone', () =>
    inTemporaryFolder(async (volume) => {
      const queue = await subscribedQueue('changes');
      await write(0, upsert(0, 1));
      await write(1, upsert(1, 1));
      const { files, process } = start(volume, queue);
      await untilTargets(files, 'prod-0.json', '10.0.0.1:3000');
      await untilTargets(files, 'prod-1.json', '10.0.1.1:3000');
      const untouched = await stat(join(files, 'prod-1.json'));

      const known = ['10.0.0.1:3000'];
      for (let n = 2; n < 7; n += 1) {
        await announce({ changes: [upsert(0, n)] });
        await untilTargets(files, 'prod-0.json', ...known, `10.0.0.${n}:3000`);
        known.push(`10.0.0.${n}:3000`);
      }
      await announce({ changes: [stop(0, 1), stop(0, 2)] });
      await untilTargets(files, 'prod-0.json', ...known.slice(2));
      await untilNothingWaits(queue);
      expect((await stat(join(files, 'prod-1.json'))).mtimeMs).toBe(untouched.mtimeMs);
      expect(await process.end('SIGTERM')).toEqual([0, null]);
    }));

  it('reads a version that the store announces', () =>
    inTemporaryFolder(async (volume) => {
      const queue = await subscribedQueue('written');
      const { files, process } = start(volume, queue);
      await untilTargets(files, 'prod-1.json', '10.0.1.1:3000');
      const version = await write(1, upsert(1, 2));
      await announce({ written: [{ shard: 1, shards: SHARDS, version }] });
      await untilTargets(files, 'prod-1.json', '10.0.1.1:3000', '10.0.1.2:3000');
      await untilNothingWaits(queue);
      expect(await process.end('SIGTERM')).toEqual([0, null]);
    }));

  it('catches up on announcements that came while it was down', () =>
    inTemporaryFolder(async (volume) => {
      const queue = await subscribedQueue('while-down');
      await announce({ changes: [upsert(1, 3), stop(1, 1)] });
      const { files, process } = start(volume, queue);
      await untilTargets(files, 'prod-1.json', '10.0.1.2:3000', '10.0.1.3:3000');
      await untilNothingWaits(queue);
      expect(await process.end('SIGTERM')).toEqual([0, null]);
    }));

  it('shows after a restart on the same volume what it had heard and nobody has stored', () =>
    inTemporaryFolder(async (volume) => {
      const queue = await subscribedQueue('restart');
      const first = start(volume, queue);
      await untilTargets(first.files, 'prod-1.json', '10.0.1.1:3000', '10.0.1.2:3000');
      await announce({ changes: [upsert(1, 4), stop(1, 2)] });
      await untilTargets(first.files, 'prod-1.json', '10.0.1.1:3000', '10.0.1.4:3000');
      await untilNothingWaits(queue);
      await first.process.end('SIGKILL');
      const second = start(volume, queue);
      // SSM knows of neither: what is left of the file is what it remembers, when it has heard this.
      await announce({ changes: [stop(1, 1)] });
      await untilTargets(second.files, 'prod-1.json', '10.0.1.4:3000');
      expect(await second.process.end('SIGTERM')).toEqual([0, null]);
    }));
});
