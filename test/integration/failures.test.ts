import { readdirSync, readFileSync } from 'node:fs';
import { ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_DEPLOYMENT, shardParameterName } from '../../functions/discovery/names.ts';
import { type DeployedDiscovery, deployedDiscovery } from './deployed-discovery.ts';
import { stopped } from './events.ts';
import { broken, throttled } from './fake-ecs.ts';
import { addressOf, aTask, defineTasks, happen, isGone, isScraped, linesAbout, newer } from './many-tasks.ts';
import { until } from './until.ts';

jest.setTimeout(60_000);

describe('the deployed discovery, when something fails', () => {
  let discovery: DeployedDiscovery;

  beforeAll(async () => {
    discovery = await deployedDiscovery({
      name: 'failures',
      settings: { clusters: 'dev-public,ec2', resyncSchedule: 'off' },
      prepare: async ({ ecs }) => defineTasks(ecs),
    });
  }, 180_000);

  afterAll(() => discovery?.stop());

  afterEach(() => {
    discovery.ecs.refuse = undefined;
  });

  it('tries a task again that a throttle of ECS keeps it from, a second later at first', async () => {
    const event = aTask();
    let refusals = 0;
    discovery.ecs.refuse = (operation) => (operation === 'DescribeTasks' && refusals++ < 2 ? throttled() : undefined);
    await happen(discovery, event);
    await isScraped(discovery, event);
    // One request for each time that SQS shows the message: nothing else tries again.
    const lines = await linesAbout(discovery, /message is tried again.*Rate exceeded/);
    expect(lines.map(({ receiveCount, seconds }) => [receiveCount, seconds])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(refusals).toBe(3);
  });

  it('keeps every target while ECS fails, removes what stops, and serves the other clusters', async () => {
    const [kept, stopping, lost, other] = [aTask(), aTask(), aTask(), aTask({ cluster: 'ec2' })];
    await happen(discovery, kept, stopping);
    await isScraped(discovery, kept);
    await isScraped(discovery, stopping);
    discovery.ecs.refuse = (_, { cluster }) => (cluster === 'dev-public' ? broken() : undefined);
    await happen(discovery, newer(kept), stopped(stopping), lost, other);
    await isScraped(discovery, other, 'ec2');
    await isGone(discovery, stopping);
    const line = await until('the cause', async () =>
      (await linesAbout(discovery, /message is tried again.*Service Unavailable/)).at(0),
    );
    expect(line['error']).toMatch(/^ServerException: Service Unavailable/);
    expect(await discovery.addressesOf('dev-public')).toContain(addressOf(kept));
    expect(await discovery.addressesOf('dev-public')).not.toContain(addressOf(lost));
    discovery.ecs.refuse = undefined;
    await isScraped(discovery, lost);
    await discovery.untilObserved();
  });

  it('holds back one task whose task definition is gone, and none of its batch', async () => {
    const [bad, good] = [
      aTask({ taskDefinitionArn: 'arn:aws:ecs:us-east-1:000000000000:task-definition/gone:9' }),
      aTask(),
    ];
    await happen(discovery, bad, good);
    await isScraped(discovery, good);
    const line = await until('the cause', async () =>
      (await linesAbout(discovery, /Unable to describe task definition/)).at(0),
    );
    expect(line).toMatchObject({ message: 'message is tried again' });
    discovery.ecs.taskDefinitions.set('gone:9', discovery.ecs.taskDefinitions.get('orders:1') ?? {});
    await isScraped(discovery, bad);
    await discovery.untilObserved();
  });

  describe('with a shard', () => {
    const Name = shardParameterName(DEFAULT_DEPLOYMENT, 'dev-public', 2);

    it('deleted by hand: says how to get it back, writes the others, and resync rebuilds it with all its tasks', async () => {
      const before = aTask({ shard: 2 });
      await happen(discovery, before);
      await isScraped(discovery, before);
      await discovery.ssm.send(new DeleteParameterCommand({ Name }));
      const [mine, other] = [aTask({ shard: 2 }), aTask({ shard: 1 })];
      await happen(discovery, mine, other);
      await isScraped(discovery, other);
      const line = await until('the cause', async () =>
        (await linesAbout(discovery, /ShardMissing/, discovery.deployment.functions.store)).at(0),
      );
      expect(line['problem']).toBe(`ShardMissing: parameter ${Name} holds no shard: run resync, which writes it again`);
      const [summary] = (await discovery.resync({ cluster: 'dev-public' })).clusters;
      expect(summary?.problems).toEqual([]);
      await isScraped(discovery, before);
      await isScraped(discovery, mine);
    });

    it('overwritten by hand: counts on the version before, and the next write puts it right', async () => {
      const [before, after] = [aTask({ shard: 2 }), aTask({ shard: 2 })];
      await happen(discovery, before);
      await isScraped(discovery, before);
      await discovery.ssm.send(new PutParameterCommand({ Name, Value: 'by hand', Type: 'String', Overwrite: true }));
      await isScraped(discovery, before);
      await happen(discovery, after);
      await isScraped(discovery, after);
      expect(await discovery.addressesOf('dev-public')).toContain(addressOf(before));
    });

    it('overwritten by hand while nothing happens: is put right by the next resync', async () => {
      const before = await discovery.addressesOf('dev-public');
      await discovery.ssm.send(new PutParameterCommand({ Name, Value: 'by hand', Type: 'String', Overwrite: true }));
      const [summary] = (await discovery.resync({ cluster: 'dev-public' })).clusters;
      expect(summary).toMatchObject({ added: 0, removed: 0, problems: [] });
      expect((await discovery.ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value).not.toBe('by hand');
      expect(await discovery.addressesOf('dev-public')).toEqual(before);
    });
  });

  it('catches up after its queues were paused, whatever happened meanwhile', async () => {
    const [stays, stops, comes, goes] = [aTask(), aTask(), aTask(), aTask()];
    await happen(discovery, stays, stops);
    await isScraped(discovery, stays);
    await isScraped(discovery, stops);
    const before = await discovery.addressesOf('dev-public');
    await pause(discovery, true);
    await happen(discovery, comes, goes, stopped(stops), stopped(goes), comes);
    const { queues } = discovery.deployment;
    expect([await discovery.waiting(queues.runs), await discovery.waiting(queues.stops)]).toEqual([3, 2]);
    expect(await discovery.addressesOf('dev-public')).toEqual(before);
    await pause(discovery, false);
    await discovery.untilPublished('dev-public', ...before.filter((it) => it !== addressOf(stops)), addressOf(comes));
    await discovery.untilObserved();
  });

  it('loses nothing when the function is killed in the middle of a batch', async () => {
    const QueueUrl = discovery.deployment.queues.runs;
    // Three and a half minutes on AWS and by default; the test waits for it.
    await discovery.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '3' } }));
    const event = aTask();
    let asked = false;
    discovery.ecs.refuse = () => {
      asked = true;
      return new Promise(() => {});
    };
    await happen(discovery, event);
    await until('a batch in the middle', () => asked || undefined);
    for (const pid of workersOf(discovery, discovery.deployment.functions.observe)) process.kill(pid, 'SIGKILL');
    discovery.ecs.refuse = undefined;
    await isScraped(discovery, event);
    await discovery.untilObserved();
  });

  it('gives up on a message after its tries, and handles it when it is moved back', async () => {
    const { runs, observeDeadLetters } = discovery.deployment.queues;
    const redrive = async (maxReceiveCount: number): Promise<void> => {
      const arn = `arn:aws:sqs:us-east-1:000000000000:${observeDeadLetters.split('/').at(-1)}`;
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount });
      await discovery.sqs.send(new SetQueueAttributesCommand({ QueueUrl: runs, Attributes: { RedrivePolicy } }));
    };
    // 200 tries over three hours as deployed; the test waits for one.
    await redrive(1);
    const event = aTask();
    discovery.ecs.refuse = () => broken();
    await happen(discovery, event);
    const letter = await until('the dead letter', async () => (await discovery.takeDeadLetters())[0]);
    expect(letter.MessageAttributes).toBeUndefined();
    await redrive(200);
    discovery.ecs.refuse = undefined;
    expect(await discovery.addressesOf('dev-public')).not.toContain(addressOf(event));
    await discovery.enqueue(letter.Body ?? '');
    await isScraped(discovery, event);
  });
});

/** Stops or starts Lambda's reading of both queues of observe, as somebody may do by hand. */
const pause = async ({ lambda, deployment }: DeployedDiscovery, paused: boolean): Promise<void> => {
  const list = new ListEventSourceMappingsCommand({ FunctionName: deployment.functions.observe });
  const { EventSourceMappings = [] } = await lambda.send(list);
  for (const { UUID } of EventSourceMappings) {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: !paused }));
  }
};

/** Process ids of a function's execution environments. */
const workersOf = ({ name }: DeployedDiscovery, functionName: string): number[] =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return command.includes(`.local/test/${name}/`) && command.includes(functionName);
      } catch {
        return false; // It ended meanwhile.
      }
    })
    .map(Number);
