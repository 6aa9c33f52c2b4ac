import { readdirSync, readFileSync } from 'node:fs';
import { ListEventSourceMappingsCommand, UpdateEventSourceMappingCommand } from '@aws-sdk/client-lambda';
import { type Message, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { DeleteParameterCommand, GetParameterCommand, PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_DEPLOYMENT, shardParameterName } from '../../functions/discovery/names.ts';
import { shardOfTask } from '../../functions/discovery/shard/shard-of-task.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';
import {
  type DeployedDiscovery,
  deployedDiscovery,
  type Event,
  fixture,
  type Json,
  SHARDS,
  stopped,
  taskId,
  twin,
  until,
} from './deployed-discovery.ts';
import { broken, throttled } from './fake-ecs.ts';

const NAMESPACES = 'team-namespaces';
/** In the overrides of every task here, as somebody's password would be. */
const SECRET = 'hunter2-hunter2';

jest.setTimeout(60_000);

describe('the deployed discovery, when something is wrong', () => {
  let discovery: DeployedDiscovery;

  beforeAll(async () => {
    discovery = await deployedDiscovery({
      name: 'bad-input',
      settings: { clusters: 'dev-public,ec2', namespacesParameter: NAMESPACES, resyncSchedule: 'off' },
      prepare: async ({ ecs }) => {
        const dockerLabels = { ECS_PROMETHEUS_EXPORTER_PORT: '8080' };
        const containerDefinitions = [{ name: 'orders', dockerLabels }];
        ecs.taskDefinitions.set('orders:1', { networkMode: 'awsvpc', containerDefinitions });
      },
    });
  }, 180_000);

  afterAll(() => discovery?.stop());

  let tasks = 0;
  /** A new running task that nobody has heard of, with an address of its own. */
  const aTask = ({ cluster = 'dev-public', shard, ...change }: Json & { cluster?: string; shard?: number } = {}) => {
    let id: string;
    do id = (++tasks).toString(16).padStart(32, 'a');
    while (shard !== undefined && shardOfTask(id as TaskId, SHARDS) !== shard);
    const event = twin(fixture('real/fargate-running.json'), id);
    const moved = JSON.parse(
      JSON.stringify(event)
        .replaceAll('dev-public', cluster)
        .replaceAll('10.249.47.254', `10.9.${tasks >> 8}.${tasks & 255}`),
    ) as Event;
    const overrides = { containerOverrides: [{ name: 'orders', environment: [{ name: 'PASSWORD', value: SECRET }] }] };
    // Nothing here depends on the service: by its group the task is a standalone one.
    return { ...moved, detail: { ...moved.detail, overrides, group: 'family:orders', ...change } };
  };
  const addressOf = ({ detail }: Event): string => {
    const [container] = detail['containers'] as { networkInterfaces: { privateIpv4Address: string }[] }[];
    return `${container?.networkInterfaces[0]?.privateIpv4Address}:8080`;
  };

  const newer = (event: Event): Event => ({ ...event, detail: { ...event.detail, version: 7 } });

  const happen = async (...events: readonly Event[]): Promise<void> => {
    for (const { detail } of events) discovery.ecs.show(detail);
    await discovery.send(...events);
  };
  const isScraped = (event: Event, cluster = 'dev-public') =>
    until(`${addressOf(event)} to be scraped`, async () =>
      (await discovery.addressesOf(cluster)).includes(addressOf(event)) ? true : undefined,
    );
  const linesAbout = async (pattern: RegExp) =>
    (await discovery.logs()).filter((line) => pattern.test(JSON.stringify(line)));

  afterEach(() => {
    discovery.ecs.refuse = undefined;
  });

  describe('with the namespaces parameter', () => {
    const ofService = () => aTask({ group: 'service:orders' });
    let waiting: Event;

    it('missing: says how to create it, keeps the record, and handles the tasks that need no namespace', async () => {
      waiting = ofService();
      const standalone = aTask();
      await happen(waiting, standalone);
      await isScraped(standalone);
      const line = await discovery.untilLogged({ message: 'record is tried again' });
      expect(line).toMatchObject({ level: 'WARN', receiveCount: 1, seconds: 5 });
      expect(line['error']).toBe(
        `NamespacesParameterMissing: parameter ${NAMESPACES} does not exist: create it with the comma-separated names of your Cloud Map namespaces`,
      );
      expect(await discovery.addressesOf('dev-public')).toEqual([addressOf(standalone)]);
    });

    it('naming a namespace that does not exist: says so, and scrapes the task all the same', async () => {
      await discovery.ssm.send(new PutParameterCommand({ Name: NAMESPACES, Value: 'nowhere', Type: 'String' }));
      await isScraped(waiting);
      expect(await discovery.untilLogged({ message: 'namespace does not exist' })).toMatchObject({
        level: 'WARN',
        namespace: 'nowhere',
        parameter: NAMESPACES,
      });
      await discovery.untilHandled();
    });
  });

  describe('with messages that are no task events', () => {
    const shown = aTask();
    const malformed: readonly [string, string, string][] = [
      ['no JSON', `{"detail": ${SECRET}`, 'not JSON'],
      ['no object', 'null', 'not an "ECS Task State Change" event: missing or wrong the event itself'],
      ['an empty object', '{}', 'not an "ECS Task State Change" event: missing or wrong source, detail-type, time'],
      ['another event', JSON.stringify({ ...shown, source: 'aws.ec2' }), 'missing or wrong source'],
      ['no time', JSON.stringify({ ...shown, time: 'yesterday' }), 'time is not a date'],
      ['no detail', JSON.stringify({ ...shown, detail: null }), 'not a task: missing or wrong the task itself'],
      [
        'wrong types',
        JSON.stringify({ ...shown, detail: { ...shown.detail, version: '5', containers: [{ name: 7 }] } }),
        'not a task: missing or wrong version, containers.0.name',
      ],
      [
        'an ARN of something else',
        JSON.stringify({ ...shown, detail: { ...shown.detail, taskArn: 'arn:aws:s3:::bucket' } }),
        'not a task: missing or wrong taskArn',
      ],
    ];

    it('puts each aside with the reason, and handles the good events of the batch', async () => {
      const good = aTask();
      for (const [, body] of malformed) await discovery.enqueue(body);
      await happen(good);
      await isScraped(good);
      await discovery.untilHandled();
      const found: Message[] = [];
      await until('the dead letters', async () => {
        found.push(...(await discovery.takeDeadLetters()));
        return found.length >= malformed.length || undefined;
      });
      expect(found).toHaveLength(malformed.length);
      for (const [what, body, reason] of malformed) {
        const letter = found.find(({ Body }) => Body === body);
        expect([what, letter?.MessageAttributes?.['reason']?.StringValue]).toEqual([
          what,
          expect.stringContaining(reason),
        ]);
      }
      const putAside = () => linesAbout(/message put aside in the dead-letter queue/);
      await until('all the lines', async () => (await putAside()).length >= malformed.length || undefined);
      expect(await putAside()).toHaveLength(malformed.length);
    });

    it('also one that EventBridge let through', async () => {
      const { taskArn, ...rest }: Json = aTask().detail;
      await discovery.send({ ...aTask(), detail: rest });
      await until('the dead letter', async () => {
        const [letter] = await discovery.takeDeadLetters();
        return letter?.MessageAttributes?.['reason']?.StringValue?.includes('taskArn') || undefined;
      });
      expect(taskArn).toBeDefined();
    });
  });

  it('leaves out a task of a cluster that nobody watches, which is no reason for a dead letter', async () => {
    const stray = aTask({ cluster: 'somewhere-else' });
    await discovery.send(stray);
    await discovery.enqueue(JSON.stringify(stray));
    expect(await discovery.untilLogged({ taskId: taskId(stray) })).toMatchObject({
      message: 'task of a cluster that is not watched',
      cluster: 'somewhere-else',
    });
    await discovery.untilHandled();
    expect(await linesAbout(/not watched/)).toHaveLength(1);
    expect(await discovery.takeDeadLetters()).toEqual([]);
  });

  it('waits out a throttle of ECS without giving the record back', async () => {
    const event = aTask();
    const retried = (await linesAbout(/record is tried again/)).length;
    let refusals = 0;
    discovery.ecs.refuse = (operation) => (operation === 'DescribeTasks' && refusals++ < 3 ? throttled() : undefined);
    await happen(event);
    await isScraped(event);
    expect(refusals).toBe(4);
    expect(await linesAbout(/record is tried again/)).toHaveLength(retried);
  });

  it('keeps every target while ECS fails, removes what stops, and serves the other clusters', async () => {
    const [kept, stopping, lost, other] = [aTask(), aTask(), aTask(), aTask({ cluster: 'ec2' })];
    await happen(kept, stopping);
    await isScraped(kept);
    await isScraped(stopping);
    discovery.ecs.refuse = (_, { cluster }) => (cluster === 'dev-public' ? broken() : undefined);
    await happen(newer(kept), stopped(stopping), lost, other);
    await isScraped(other, 'ec2');
    await until('the stop', async () =>
      (await discovery.addressesOf('dev-public')).includes(addressOf(stopping)) ? undefined : true,
    );
    const line = await until('the cause', async () =>
      (await linesAbout(/record is tried again.*Service Unavailable/)).at(0),
    );
    expect(line['error']).toMatch(/^ServerException: Service Unavailable/);
    expect(await discovery.addressesOf('dev-public')).toContain(addressOf(kept));
    expect(await discovery.addressesOf('dev-public')).not.toContain(addressOf(lost));
    discovery.ecs.refuse = undefined;
    await isScraped(lost);
    await discovery.untilHandled();
  });

  it('holds back one task whose task definition is gone, and none of its batch', async () => {
    const [bad, good] = [
      aTask({ taskDefinitionArn: 'arn:aws:ecs:us-east-1:000000000000:task-definition/gone:9' }),
      aTask(),
    ];
    await happen(bad, good);
    await isScraped(good);
    const line = await until('the cause', async () => (await linesAbout(/Unable to describe task definition/)).at(0));
    expect(line).toMatchObject({ message: 'record is tried again' });
    await happen(stopped(bad));
    await discovery.untilHandled();
  });

  describe('with a shard', () => {
    const Name = shardParameterName(DEFAULT_DEPLOYMENT, 'dev-public', 2);

    it('deleted by hand: says how to get it back, writes the others, and resync creates it with all its tasks', async () => {
      const before = aTask({ shard: 2 });
      await happen(before);
      await isScraped(before);
      await discovery.ssm.send(new DeleteParameterCommand({ Name }));
      const [mine, other] = [aTask({ shard: 2 }), aTask({ shard: 1 })];
      await happen(mine, other);
      await isScraped(other);
      const line = await until('the cause', async () => (await linesAbout(/ShardMissing/)).at(0));
      expect(line['error']).toBe(
        `ShardMissing: parameter ${Name} does not exist: deploy the stack, or run resync to create it`,
      );
      const summary = await discovery.resync({ cluster: 'dev-public' });
      expect(summary.clusters[0]?.problems).toEqual([`${Name} was missing`]);
      await isScraped(before);
      await isScraped(mine);
      await discovery.untilHandled();
    });

    it('that holds something else: leaves it alone until a resync is forced', async () => {
      await discovery.ssm.send(new PutParameterCommand({ Name, Value: 'by hand', Type: 'String', Overwrite: true }));
      const value = async () => (await discovery.ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
      const [mine, other] = [aTask({ shard: 2 }), aTask({ shard: 3 })];
      await happen(mine, other);
      await isScraped(other);
      const line = await until('the cause', async () => (await linesAbout(/UnreadableShard/)).at(0));
      expect(line['error']).toContain('run resync with "force": true to rebuild it');
      const [careful] = (await discovery.resync({ cluster: 'dev-public' })).clusters;
      expect(careful?.problems.join()).toContain(Name);
      expect(await value()).toBe('by hand');
      await discovery.resync({ cluster: 'dev-public', force: true });
      await isScraped(mine);
      await discovery.untilHandled();
    });
  });

  it('catches up after its queue was paused, whatever happened meanwhile', async () => {
    const [stays, stops, comes, goes] = [aTask(), aTask(), aTask(), aTask()];
    await happen(stays, stops);
    await isScraped(stays);
    await isScraped(stops);
    const before = await discovery.addressesOf('dev-public');
    await pause(discovery, true);
    await happen(comes, goes, stopped(stops), stopped(goes), comes);
    expect(await discovery.waiting()).toBe(5);
    expect(await discovery.addressesOf('dev-public')).toEqual(before);
    await pause(discovery, false);
    await discovery.untilPublished('dev-public', ...before.filter((it) => it !== addressOf(stops)), addressOf(comes));
    await discovery.untilHandled();
  });

  it('loses nothing when the function is killed in the middle of a batch', async () => {
    const QueueUrl = discovery.deployment.queues.taskChange;
    // Three minutes on AWS and by default; the test waits for it.
    await discovery.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout: '3' } }));
    const event = aTask();
    let asked = false;
    discovery.ecs.refuse = () => {
      asked = true;
      return new Promise(() => {});
    };
    await happen(event);
    await until('a batch in the middle', () => asked || undefined);
    for (const pid of workersOf(discovery, discovery.deployment.functions.taskChange)) process.kill(pid, 'SIGKILL');
    discovery.ecs.refuse = undefined;
    await isScraped(event);
    await discovery.untilHandled();
  });

  it('gives up on a record after its tries, and handles it when it is moved back', async () => {
    const { taskChange, deadLetters } = discovery.deployment.queues;
    const redrive = async (maxReceiveCount: number): Promise<void> => {
      const arn = `arn:aws:sqs:us-east-1:000000000000:${deadLetters.split('/').at(-1)}`;
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount });
      await discovery.sqs.send(new SetQueueAttributesCommand({ QueueUrl: taskChange, Attributes: { RedrivePolicy } }));
    };
    // Ten tries over 25 minutes as deployed; the test waits for one.
    await redrive(1);
    const event = aTask();
    discovery.ecs.refuse = () => broken();
    await happen(event);
    const letter = await until('the dead letter', async () => (await discovery.takeDeadLetters())[0]);
    expect(letter.MessageAttributes).toBeUndefined();
    await redrive(10);
    discovery.ecs.refuse = undefined;
    expect(await discovery.addressesOf('dev-public')).not.toContain(addressOf(event));
    await discovery.enqueue(letter.Body ?? '');
    await isScraped(event);
  });

  it('has never written the content of an event into its log', async () => {
    const text = (await discovery.logText(discovery.deployment.functions.taskChange)).join('\n');
    expect(text).toContain('record is tried again');
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain('containerOverrides');
  });
});

/** Stops or starts Lambda's reading of the queue, as somebody may do by hand. */
const pause = async ({ lambda, deployment }: DeployedDiscovery, paused: boolean): Promise<void> => {
  const list = new ListEventSourceMappingsCommand({ FunctionName: deployment.functions.taskChange });
  const [mapping] = (await lambda.send(list)).EventSourceMappings ?? [];
  await lambda.send(new UpdateEventSourceMappingCommand({ UUID: mapping?.UUID, Enabled: !paused }));
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
