import { beforeEach, describe, expect, it } from '@jest/globals';
import { METRICS } from '../../../functions/discovery/metric-names.ts';
import { handleTaskEvents, type RecordOutcome } from '../../../functions/reconcile/task-change.ts';
import { type Account, createAccount, OWNED, SELECTING } from '../../factories/account.ts';
import { awsError } from '../../factories/senders.ts';
import { noise, shardOf, targets } from '../../factories/shards.ts';
import { idOf, stopped, type TaskOptions, taskEvent } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
});

interface Message {
  readonly body: string;
  readonly receiveCount?: number;
}

/** Handles a batch of messages; their ids are their numbers in the batch. */
async function handle(messages: readonly Message[]): Promise<RecordOutcome[]> {
  const records = messages.map(({ body, receiveCount = 1 }, index) => ({
    messageId: String(index),
    body,
    receiveCount,
  }));
  const outcomes = await handleTaskEvents(account.deps, records, account.clock.now() + 60_000);
  expect([...outcomes.keys()].sort()).toEqual(records.map(({ messageId }) => messageId).sort());
  return records.map(({ messageId }) => outcomes.get(messageId) as RecordOutcome);
}

const event = (options: TaskOptions = {}, receiveCount = 1): Message => ({ body: taskEvent(options), receiveCount });
const handleEvents = (...options: TaskOptions[]) => handle(options.map((it) => event(it)));

/** The tasks run, and ECS says so in events. */
function start(...options: TaskOptions[]) {
  account.run(...options);
  return handleEvents(...options);
}

const PARAMETER = '/discovery/prod/targets/0';
const done: RecordOutcome = { kind: 'done' };
const retry = (name: string | RegExp) =>
  typeof name === 'string'
    ? { kind: 'retry', error: expect.objectContaining({ name }) }
    : { kind: 'retry', error: expect.objectContaining({ message: expect.stringMatching(name) }) };
const logged = (message: string) => account.log.filter((line) => line.message === message);

describe('a task that runs', () => {
  it('is published once ECS confirms it', async () => {
    expect(await start({ number: 1 })).toEqual([done]);
    expect(account.shard()).toEqual(
      shardOf([
        targets(1, {
          version: 3,
          labels: { cluster: 'prod', service: 'shop', taskdefinition: 'shop' },
          targets: [{ port: 3000, labels: { __metrics_path__: '/metrics', container: 'web' } }],
        }),
      ]),
    );
    expect(account.announced).toEqual([
      { deployment: 'discovery', cluster: 'prod', shards: [{ shard: 0, version: 2 }] },
    ]);
  });

  it('is published together with the others of its batch by one write, one request each for what is to be known', async () => {
    expect(await start(...[1, 2, 3, 4, 5].map((number) => ({ number })))).toEqual(Array(5).fill(done));
    expect(account.published()).toEqual([1, 2, 3, 4, 5]);
    expect(account.writes()).toEqual(['PutParameter', 'PutEvents']);
    for (const operation of ['DescribeTasks', 'DescribeTaskDefinition', 'ListServices'])
      expect(account.client.calls(operation)).toBe(1);
  });

  it('is not published while ECS does not know it yet, and not by an event that comes hours late', async () => {
    expect(await handleEvents({ number: 1 })).toEqual([retry('NotYetVisible')]);
    expect(await handle([event({ number: 1 }, 2)])).toEqual([retry('NotYetVisible')]);
    expect(await handle([event({ number: 1 }, 3)])).toEqual([done]);
    expect(account.writes()).toEqual([]);
    expect(logged('task is gone')).toHaveLength(1);
  });

  it('is not published when ECS says that it stops by now', async () => {
    account.run({ number: 1, version: 4, desiredStatus: 'STOPPED', stoppingAt: '2026-11-25T04:00:09Z' });
    expect(await handleEvents({ number: 1, version: 3 })).toEqual([done]);
    expect(account.published()).toEqual([]);
    expect(account.shard().stopped.has(idOf(1))).toBe(true);
  });

  it('is looked at again while ECS shows an older version of it than the event', async () => {
    account.run({ number: 1, version: 2, address: '10.9.9.9' });
    expect(await handleEvents({ number: 1, version: 3 })).toEqual([retry('NotYetVisible')]);
    expect(account.writes()).toEqual([]);
  });

  it('is published as ECS shows it, when that is newer than the event', async () => {
    account.run({ number: 1, version: 5, address: '10.0.0.77' });
    expect(await handleEvents({ number: 1, version: 3 })).toEqual([done]);
    expect(account.shard().tasks.get(idOf(1))).toMatchObject({ version: 5, address: '10.0.0.77' });
  });

  it('is updated when what it offers changed', async () => {
    account.publish(shardOf([targets(1, { address: '10.0.0.99' })]));
    await start({ number: 1 });
    expect(account.shard().tasks.get(idOf(1))).toMatchObject({ address: '10.0.0.1', version: 3 });
  });

  it('causes no write when a newer version of it changes nothing', async () => {
    await start({ number: 1, version: 3 });
    const before = account.writes().length;
    expect(await start({ number: 1, version: 4 })).toEqual([done]);
    expect(account.writes()).toHaveLength(before);
  });

  it('that nothing selects any more is removed, and may come back', async () => {
    await start({ number: 1, family: 'shop' });
    account.definitions.set('plain', { containerDefinitions: [{ name: 'web' }] });
    expect(await start({ number: 1, family: 'plain', version: 4 })).toEqual([done]);
    expect(account.published()).toEqual([]);
    await start({ number: 1, family: 'shop', version: 5 });
    expect(account.published()).toEqual([1]);
  });

  it('is not removed because Cloud Map is remembered from before its tags were set', async () => {
    account.definitions.set('plain', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
    account.addService('shop');
    await start({ number: 2, family: 'plain' });
    account.addService('shop', { METRICS_PATH: '/metrics' });
    account.clock.advance(1000);
    // Another Lambda knows of the tags already.
    account.publish(shardOf([targets(1)]));
    expect(await start({ number: 1, family: 'plain', version: 4 })).toEqual([done]);
    expect(account.published()).toEqual([1]);
  });

  it.each([
    ['awsvpc', { attachments: [], containers: [] }],
    ['bridge', { host: 'h1' }],
  ])('is not removed because ECS does not tell where it answers (%s)', async (networkMode, gap) => {
    account.hosts.set('h1', '172.31.0.1');
    account.definitions.set('shop', { networkMode, containerDefinitions: [{ name: 'web', dockerLabels: SELECTING }] });
    account.publish(shardOf([targets(1)]));
    account.answer = (operation, answer) => {
      if (operation !== 'DescribeTasks') return answer;
      return { ...answer, tasks: (answer['tasks'] as object[]).map((task) => ({ ...task, ...gap })) };
    };
    expect(await start({ number: 1, version: 4, host: 'h1' })).toEqual([retry('AnswerIncomplete')]);
    expect(account.published()).toEqual([1]);
  });

  it('that nothing selects costs no write', async () => {
    account.definitions.set('plain', { containerDefinitions: [{ name: 'web' }] });
    expect(await start({ number: 1, family: 'plain' })).toEqual([done]);
    expect(account.writes()).toEqual([]);
    expect(account.log).toEqual([]);
  });

  it('that asks to be scraped and cannot be is named with the reason, and its neighbours are published', async () => {
    account.definitions.set('bad', {
      networkMode: 'awsvpc',
      containerDefinitions: [{ name: 'web', dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: 'x' } }],
    });
    expect(await start({ number: 1, family: 'bad' }, { number: 2 })).toEqual([done, done]);
    expect(account.published()).toEqual([2]);
    expect(logged('task is not scraped')).toEqual([
      {
        level: 'warn',
        message: 'task is not scraped',
        problem: 'container web: the metrics port must be a number from 1 to 65535, not "x"',
        cluster: 'prod',
        taskId: idOf(1),
        family: 'bad',
        reason: 'invalid-port',
      },
    ]);
    expect(account.counts).toContainEqual({
      metric: METRICS.skipped,
      value: 1,
      cluster: 'prod',
      reason: 'invalid-port',
    });
  });
});

describe('a task that stops', () => {
  beforeEach(async () => {
    await start({ number: 1 }, { number: 2 });
    account.client.sent.length = 0;
  });

  it('comes back to it later while its shard cannot be read, however long ago it stopped', async () => {
    const text = account.parameters.current(PARAMETER) ?? '';
    account.parameters.write(PARAMETER, 'edited by hand');
    const longAgo = { number: 1, ...stopped, stoppingAt: new Date(account.clock.now() - 600_000).toISOString() };
    expect(await handleEvents(longAgo)).toEqual([retry('UnreadableShard')]);
    account.parameters.write(PARAMETER, text);
    expect(await handle([event(longAgo, 2)])).toEqual([done]);
    expect(account.published()).toEqual([2]);
  });

  it.each<[string, TaskOptions]>([
    ['meant to stop', { desiredStatus: 'STOPPED', version: 4 }],
    ['deprovisioning', { lastStatus: 'DEPROVISIONING', desiredStatus: 'STOPPED', version: 5 }],
    ['stopped', stopped],
  ])('is removed without asking ECS: %s', async (_, how) => {
    expect(await handleEvents({ number: 1, ...how })).toEqual([done]);
    expect(account.published()).toEqual([2]);
    expect(account.client.calls('DescribeTasks')).toBe(0);
  });

  it('never comes back by an event that is late, whatever ECS would say', async () => {
    await handleEvents({ number: 1, ...stopped });
    account.client.sent.length = 0;
    expect(await handleEvents({ number: 1, version: 3 }, { number: 1, version: 99 })).toEqual([done, done]);
    expect(account.published()).toEqual([2]);
    expect(account.writes()).toEqual([]);
  });

  it('wins over everything else that a batch says of it, in whatever order', async () => {
    const history = [{ version: 3 }, { ...stopped, version: 5 }, { version: 9 }].map((it) => ({ number: 1, ...it }));
    expect(await handleEvents(...history)).toEqual([done, done, done]);
    expect(account.published()).toEqual([2]);
    await handleEvents(...history.toReversed());
    expect(account.published()).toEqual([2]);
  });

  it('is remembered although it is not published, while somebody may still be adding it', async () => {
    const stoppingAt = new Date(account.clock.now() - 5000).toISOString();
    await handleEvents({ number: 3, ...stopped, stoppingAt });
    expect(account.shard().stopped.has(idOf(3))).toBe(true);
  });

  it.each<[string, TaskOptions]>([
    ['that stopped long ago', { stoppingAt: '2026-11-25T03:00:00Z' }],
    ['that nothing selects', { family: 'plain' }],
    ['that never ran', { startedAt: undefined }],
  ])('and is not published needs no write: one %s', async (_, how) => {
    account.definitions.set('plain', { containerDefinitions: [{ name: 'web' }] });
    expect(await handleEvents({ number: 3, ...stopped, ...how })).toEqual([done]);
    expect(account.writes()).toEqual([]);
  });
});

describe('what causes no write', () => {
  it('is a duplicate: it costs one read', async () => {
    await start({ number: 1 });
    account.client.sent.length = 0;
    expect(await handleEvents({ number: 1 }, { number: 1 })).toEqual([done, done]);
    expect(account.client.sent.map(({ operation }) => operation)).toEqual(['GetParameters']);
  });

  it('is an event of before the stop that is remembered: it costs one read', async () => {
    await start({ number: 1 });
    await handleEvents({ number: 1, ...stopped });
    account.client.sent.length = 0;
    expect(await handleEvents({ number: 1 }, { number: 1, ...stopped })).toEqual([done, done]);
    expect(await handleEvents({ number: 1, version: 2 })).toEqual([done]);
    expect(account.client.sent.map(({ operation }) => operation)).toEqual(['GetParameters', 'GetParameters']);
  });

  it.each(['PROVISIONING', 'PENDING', 'ACTIVATING'])('is a task that is %s', async (lastStatus) => {
    expect(await start({ number: 1, lastStatus, startedAt: undefined })).toEqual([done]);
    expect(account.client.sent).toEqual([]);
  });

  it('is a task of a cluster that is not watched; it is said once, and the others go on', async () => {
    account.run({ number: 1 });
    expect(await handleEvents({ number: 2, cluster: 'staging' }, { number: 1 })).toEqual([done, done]);
    expect(account.published()).toEqual([1]);
    expect(logged('task of a cluster that is not watched')).toEqual([
      expect.objectContaining({ level: 'warn', cluster: 'staging', taskId: idOf(2) }),
    ]);
  });

  it('is a batch of nothing', async () => {
    expect(await handle([])).toEqual([]);
    expect(account.client.sent).toEqual([]);
  });
});

describe('a message that will never be good', () => {
  it('is poison with its reason; the others of its batch are handled', async () => {
    account.run({ number: 1 });
    const [good, cut, other, broken] = await handle([
      event({ number: 1 }),
      { body: '{"detail": {"hunter2"' },
      { body: '{"source":"aws.ec2"}' },
      { body: taskEvent({ number: 2, version: 3.5 }) },
    ]);
    expect(good).toEqual(done);
    expect(cut).toEqual({ kind: 'poison', reason: 'not JSON' });
    expect(other).toMatchObject({ kind: 'poison', reason: expect.stringContaining('missing or wrong source') });
    expect(broken).toEqual({ kind: 'poison', reason: 'not a task: missing or wrong version' });
    expect(account.published()).toEqual([1]);
  });
});

describe('what cannot be known now', () => {
  const answerFor = (number: number, reason: string) => {
    account.answer = (operation, answer) => {
      if (operation !== 'DescribeTasks') return answer;
      const tasks = (answer['tasks'] as { taskArn: string }[]).filter(({ taskArn }) => !taskArn.endsWith(idOf(number)));
      return { tasks, failures: reason ? [{ arn: idOf(number), reason }] : [] };
    };
  };

  it('throttled: only the running tasks are tried again, the stops of the batch go through', async () => {
    await start({ number: 1 }, { number: 2 });
    account.before = (operation) => {
      if (operation === 'DescribeTasks') throw awsError('ThrottlingException');
    };
    account.run({ number: 3 });
    expect(await handleEvents({ number: 3 }, { number: 1, ...stopped })).toEqual([retry('ThrottlingException'), done]);
    expect(account.published()).toEqual([2]);
  });

  it.each(['INTERNAL', ''])(
    'a partial answer (%p): only that task is tried again, the others are published',
    async (reason) => {
      account.publish(shardOf([targets(2, { version: 1, address: '10.9.9.9' })]));
      answerFor(2, reason);
      expect(await start({ number: 1 }, { number: 2 }, { number: 3 })).toEqual([
        done,
        retry(reason ? /INTERNAL/ : /did not mention/),
        done,
      ]);
      expect(account.published()).toEqual([1, 2, 3]);
      expect(account.shard().tasks.get(idOf(2))).toMatchObject({ address: '10.9.9.9' });
    },
  );

  it.each(['DescribeTaskDefinition', 'GetParameters'])('%s fails: what is published stays', async (failing) => {
    account.publish(shardOf([targets(1, { version: 1 })]));
    account.before = (operation) => {
      if (operation === failing) throw awsError('InternalServerError', failing);
    };
    expect(await start({ number: 1 }, { number: 2 })).toEqual([retry(/./), retry(/./)]);
    account.before = undefined;
    expect(account.published()).toEqual([1]);
  });

  it('one task definition cannot be described: the tasks of the others are published', async () => {
    expect(await start({ number: 1, family: 'unheard-of' }, { number: 2 })).toEqual([retry('ClientException'), done]);
    expect(account.published()).toEqual([2]);
  });

  it.each(['DescribeContainerInstances', 'DescribeInstances'])(
    '%s leaves a host out: its tasks are held',
    async (partial) => {
      account.definitions.set('shop', {
        networkMode: 'host',
        containerDefinitions: [{ name: 'web', dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: '3000' } }],
      });
      account.hosts.set('h1', '172.31.0.1').set('h2', '172.31.0.2');
      account.publish(shardOf([targets(1, { version: 1, address: '172.31.0.1' })]));
      account.answer = (operation, answer) => {
        if (operation !== partial) return answer;
        const [[field = '', list] = []] = Object.entries(answer) as [string, object[]][];
        return { [field]: list?.filter((it) => !JSON.stringify(it).includes('h1')) };
      };
      expect(await start({ number: 1, host: 'h1' }, { number: 2, host: 'h2' })).toEqual([retry(/no answer/), done]);
      expect(account.published()).toEqual([1, 2]);
      account.answer = undefined;
      await handle([event({ number: 1, host: 'h1' }, 2)]);
      expect(account.shard().tasks.get(idOf(1))).toMatchObject({ version: 3 });
    },
  );

  it('a shard that is missing or not readable: the tasks of the other shards are published', async () => {
    account = createAccount({ shards: 2 });
    account.parameters.write('/discovery/prod/targets/0', 'not a shard');
    const outcomes = await start(...[1, 2, 3, 4, 5, 6].map((number) => ({ number })));
    const failed = outcomes.filter(({ kind }) => kind === 'retry');
    expect(failed.length).toBeGreaterThan(0);
    expect(failed.length).toBeLessThan(6);
    for (const it of failed) expect(it).toEqual(retry('UnreadableShard'));
    expect(account.shard(1).tasks.size).toBe(6 - failed.length);
    expect(account.parameters.current('/discovery/prod/targets/0')).toBe('not a shard');
  });

  it('the tasks of one cluster: those of the other are published', async () => {
    account = createAccount({ clusters: ['prod', 'staging'] });
    account.before = (operation, { cluster }) => {
      if (operation === 'DescribeTasks' && cluster === 'prod') throw awsError('ClusterNotFoundException');
    };
    const tasks = [{ number: 1 }, { number: 2, cluster: 'staging' }];
    expect(await start(...tasks)).toEqual([retry('ClusterNotFoundException'), done]);
    expect([account.published('prod'), account.published('staging')]).toEqual([[], [2]]);
  });

  it('all records of one task are tried again together', async () => {
    account.before = (operation) => {
      if (operation === 'DescribeTasks') throw awsError('ThrottlingException');
    };
    account.run({ number: 1, version: 4 });
    const outcomes = await handleEvents(
      { number: 1, version: 3 },
      { number: 1, version: 4 },
      { number: 1, version: 2 },
    );
    expect(outcomes).toEqual(Array(3).fill(retry('ThrottlingException')));
  });
});

describe('writing', () => {
  it('that takes longer than an observation may be old is given up, and the tasks are looked at again', async () => {
    account.before = (operation) => {
      if (operation === 'PutParameter') throw awsError('ThrottlingException');
    };
    const began = account.clock.now();
    expect(await start({ number: 1 })).toEqual([retry('StaleObservation')]);
    expect(account.clock.now() - began).toBeLessThan(40_000);
    expect(account.counted(METRICS.throttles)).toBe(account.client.calls('PutParameter'));
  });

  it('ends with the time of the Lambda, when that is shorter', async () => {
    account.before = (operation) => {
      if (operation === 'PutParameter') throw awsError('ThrottlingException');
    };
    account.run({ number: 1 });
    const began = account.clock.now();
    const records = [{ messageId: 'a', body: taskEvent({ number: 1 }), receiveCount: 1 }];
    expect((await handleTaskEvents(account.deps, records, began + 5000)).get('a')).toEqual(retry('StaleObservation'));
    expect(account.clock.now() - began).toBeLessThan(10_000);
  });

  it('tells target-sync again where an earlier try may have died before it did', async () => {
    account.before = (operation) => {
      if (operation === 'PutEvents') throw awsError('InternalException');
    };
    expect(await start({ number: 1 })).toEqual([retry('InternalException')]);
    account.before = undefined;
    account.client.sent.length = 0;
    expect(await handle([event({ number: 1 }, 2)])).toEqual([done]);
    expect(account.writes()).toEqual(['PutEvents']);
    expect(account.announced.at(-1)?.shards).toEqual([{ shard: 0, version: 2 }]);
  });

  it('counts what was done, and how old the oldest event of the write is', async () => {
    await start({ number: 1 }, { number: 2 });
    account.counts.length = 0;
    account.run({ number: 3 });
    const late = new Date(account.clock.now() - 7000).toISOString();
    const later = new Date(account.clock.now() - 2000).toISOString();
    await handle([
      { body: taskEvent({ number: 1, ...stopped }, later) },
      { body: taskEvent({ number: 3 }, late) },
      { body: taskEvent({ number: 3 }, later) },
      { body: taskEvent({ number: 2, ...stopped }, later) },
    ]);
    expect(account.counted(METRICS.upserts)).toBe(1);
    expect(account.counted(METRICS.removals)).toBe(2);
    expect(account.counted(METRICS.eventAge)).toBe(7000);
    expect(account.counted(METRICS.conflicts)).toBe(0);
    expect(logged('shard written').at(-1)).toMatchObject({ cluster: 'prod', shard: 0, version: 3, tasks: 1 });
  });

  it('counts races with other writers', async () => {
    let races = 1;
    account.before = (operation) => {
      if (operation === 'PutParameter' && races-- > 0)
        account.parameters.write(
          '/discovery/prod/targets/0',
          account.parameters.current('/discovery/prod/targets/0') ?? '',
        );
    };
    await start({ number: 1 });
    expect(account.counted(METRICS.conflicts)).toBe(1);
    expect(account.published()).toEqual([1]);
  });

  it('says so when a shard is full, for the tasks that do not fit alone', async () => {
    account.definitions.set('wide', {
      networkMode: 'awsvpc',
      containerDefinitions: [
        {
          name: 'web',
          dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: '3000', ECS_PROMETHEUS_JOB_NAME: noise(1, 6000) },
        },
      ],
    });
    expect(await start({ number: 1, family: 'wide' }, { number: 2 })).toEqual([retry('ShardFull'), done]);
    expect(account.published()).toEqual([2]);
  });

  it('never repeats a secret that an event holds', async () => {
    account.before = (operation) => {
      if (operation === 'PutParameter') throw awsError('AccessDeniedException', 'no permission');
    };
    await start({ number: 1 });
    await handle([{ body: 'hunter2' }, { body: taskEvent({ number: 2, version: Number.NaN }) }]);
    expect(JSON.stringify([account.log, account.counts])).not.toContain('hunter2');
  });
});

describe('the instance of a task in Cloud Map', () => {
  beforeEach(() => {
    account.addService('shop', OWNED);
  });

  const instances = () => account.services.get('shop')?.instances ?? new Map();

  it('is registered after its targets are published, and has the namespace as a label', async () => {
    await start({ number: 1 });
    expect(account.writes()).toEqual(['PutParameter', 'PutEvents', 'RegisterInstance']);
    expect(instances().get(idOf(1))).toMatchObject({ AWS_INSTANCE_IPV4: '10.0.0.1', METRICS_PORT: '3000' });
    expect(account.shard().tasks.get(idOf(1))?.labels).toMatchObject({ namespace: 'ecs-services' });
  });

  it('is not registered again for a newer version of the task that changes nothing', async () => {
    await start({ number: 1, version: 3 });
    account.client.sent.length = 0;
    await start({ number: 1, version: 4 });
    expect(account.writes()).toEqual([]);
  });

  it('is removed after its targets', async () => {
    await start({ number: 1 });
    account.client.sent.length = 0;
    expect(await handleEvents({ number: 1, ...stopped })).toEqual([done]);
    expect(account.writes()).toEqual(['PutParameter', 'PutEvents', 'DeregisterInstance']);
    expect(instances().size).toBe(0);
  });

  it('that Cloud Map does not know yet is looked at again while it may come; after that it is taken for gone', async () => {
    await start({ number: 1 });
    instances().clear();
    expect(await handleEvents({ number: 1, ...stopped })).toEqual([retry('NotYetRegistered')]);
    expect(account.published()).toEqual([]);
    account.clock.advance(29_000);
    expect(await handle([event({ number: 1, ...stopped }, 2)])).toEqual([retry('NotYetRegistered')]);
    account.clock.advance(2000);
    expect(await handle([event({ number: 1, ...stopped }, 3)])).toEqual([done]);
  });

  it('is taken back when the task stopped while it was registered', async () => {
    account.before = (operation) => {
      if (operation !== 'RegisterInstance') return;
      account.before = undefined;
      account.publish(shardOf([], { [idOf(1)]: account.clock.now() / 1000 + 60 }));
    };
    expect(await start({ number: 1 })).toEqual([done]);
    expect(instances().size).toBe(0);
    expect(account.writes()).toContain('DeregisterInstance');
  });

  it('is left alone where the service belongs to somebody else', async () => {
    account.addService('shop', { 'ecs-prometheus-discovery:owner': 'another' });
    await start({ number: 1 });
    await handleEvents({ number: 1, ...stopped });
    expect(account.writes()).not.toContain('RegisterInstance');
    expect(account.writes()).not.toContain('DeregisterInstance');
  });

  it('that cannot be written is tried again; the targets are published all the same', async () => {
    account.before = (operation) => {
      if (operation === 'RegisterInstance') throw awsError('ServiceNotFound');
    };
    expect(await start({ number: 1 })).toEqual([retry('ServiceNotFound')]);
    expect(account.published()).toEqual([1]);
  });

  it('does not keep the targets of a stopped task when Cloud Map does not answer', async () => {
    await start({ number: 1 });
    account.clock.advance(600_000);
    account.before = (operation) => {
      if (operation === 'ListNamespaces') throw awsError('RequestLimitExceeded');
    };
    expect(await handleEvents({ number: 1, ...stopped })).toEqual([retry('RequestLimitExceeded')]);
    expect(account.published()).toEqual([]);
    account.before = () => {};
    expect(await handle([event({ number: 1, ...stopped }, 2)])).toEqual([done]);
    expect(account.writes()).toContain('DeregisterInstance');
  });

  it.each([undefined, 'ECS-ServiceDiscovery-Namespaces'])(
    'is not asked for when a task stops that was published without a namespace (parameter %p)',
    async (namespacesParameter) => {
      account = createAccount({ namespacesParameter });
      await start({ number: 1 });
      account.client.sent.length = 0;
      account.clock.advance(600_000);
      await handleEvents({ number: 1, ...stopped });
      expect(account.client.sent.map(({ operation }) => operation)).not.toContain('ListNamespaces');
      expect(account.published()).toEqual([]);
    },
  );
});
