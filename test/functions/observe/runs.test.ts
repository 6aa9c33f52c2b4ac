import { beforeEach, describe, expect, it } from '@jest/globals';
import { PATIENCE } from '../../../functions/aws/clients.ts';
import { METRICS } from '../../../functions/discovery/metric-names.ts';
import { type Account, createAccount, SELECTING, START } from '../../factories/account.ts';
import { awsError } from '../../factories/senders.ts';
import { event, fail, hang, observe, targetsOf, upsert } from '../../factories/stages.ts';
import { idOf, stopped, type TaskOptions } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
});

const observeEvents = (...options: TaskOptions[]) => observe(account, ...options.map((it) => event(it)));
/** The tasks run, and ECS says so in events. */
const start = (...options: TaskOptions[]) => {
  account.run(...options);
  return observeEvents(...options);
};
const changes = () => account.announced().flatMap((it) => it.changes);
const announcedTasks = () => changes().map(({ taskId }) => Number.parseInt(taskId, 16));

describe('a task that runs', () => {
  it('is announced with its targets once ECS confirms it', async () => {
    expect(await start({ number: 1 })).toEqual(['done']);
    expect(account.announced()).toMatchObject([{ deployment: 'discovery', cluster: 'prod', changedAt: START }]);
    expect(changes()).toEqual([upsert(1)]);
    expect(account.messages[0]?.kind).toBe('changes');
  });

  it('is announced together with the others of its batch, one request each for what is to be known', async () => {
    expect(new Set(await start(...[1, 2, 3, 4, 5].map((number) => ({ number }))))).toEqual(new Set(['done']));
    expect(announcedTasks()).toEqual([1, 2, 3, 4, 5]);
    expect(account.asked().sort()).toEqual([
      'DescribeTaskDefinition',
      'DescribeTasks',
      'GetParameters',
      'ListNamespaces',
      'ListServices',
      'PublishBatch',
    ]);
  });

  it('reads no shard', async () => {
    await start({ number: 1 });
    expect(account.parameters.gets.flat()).toEqual(['ECS-ServiceDiscovery-Namespaces']);
  });

  it('is announced as ECS shows it, when that is newer than the event', async () => {
    account.run({ number: 1, version: 5, address: '10.0.0.77' });
    expect(await observeEvents({ number: 1, version: 3 })).toEqual(['done']);
    expect(changes()).toEqual([upsert(1, { version: 5, address: '10.0.0.77' })]);
  });

  it('is looked at again while ECS shows an older version of it than the event', async () => {
    account.run({ number: 1, version: 2, address: '10.9.9.9' });
    expect(await observeEvents({ number: 1, version: 3 })).toEqual(['again in 1 s (OlderVersion)']);
    expect(changes()).toEqual([]);
  });

  it('is announced as stopped when ECS says so by now', async () => {
    account.run({ number: 1, version: 4, desiredStatus: 'STOPPED' });
    expect(await observeEvents({ number: 1, version: 3 })).toEqual(['done']);
    expect(changes()).toMatchObject([{ kind: 'stop', taskId: idOf(1), version: 4, service: 'shop' }]);
  });

  it('that nothing selects is not announced, nor logged', async () => {
    expect(await start({ number: 1, family: 'plain' })).toEqual(['done']);
    expect([account.messages, account.log]).toEqual([[], []]);
  });

  it('that asks to be scraped and cannot be is named with the reason, and its neighbours are announced', async () => {
    account.definitions.set('bad', {
      networkMode: 'awsvpc',
      containerDefinitions: [{ name: 'web', dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: 'x' } }],
    });
    expect(await start({ number: 1, family: 'bad' }, { number: 2 })).toEqual(['done', 'done']);
    expect(announcedTasks()).toEqual([2]);
    expect(account.log).toContainEqual({
      level: 'warn',
      message: 'task is not scraped',
      problem: 'container web: the metrics port must be a number from 1 to 65535, not "x"',
      cluster: 'prod',
      taskId: idOf(1),
      reason: 'invalid-port',
    });
    const skipped = { metric: METRICS.skipped, value: 1, cluster: 'prod', reason: 'invalid-port' };
    expect(account.counts).toContainEqual(skipped);
  });

  it('counts what was announced, and how old the oldest of the changes is', async () => {
    account.run({ number: 3 });
    const late = { time: START - 7000 };
    const later = { time: START - 2000 };
    await observe(account, event({ number: 3 }, late), event({ number: 3 }, later));
    await observe(account, event({ number: 1, ...stopped }, later), event({ number: 2, ...stopped }, later));
    expect([METRICS.upserts, METRICS.removals, METRICS.eventAge].map(account.counted)).toEqual([1, 2, 9000]);
    expect(account.log).toContainEqual(
      expect.objectContaining({ message: 'announced', upserts: 1, eventAgeMilliseconds: 7000 }),
    );
  });

  it.each(['PROVISIONING', 'PENDING', 'ACTIVATING'])('needs no look while it is %s', async (lastStatus) => {
    expect(await start({ number: 1, lastStatus, startedAt: undefined })).toEqual(['done']);
    expect(account.asked()).toEqual([]);
  });

  it('of a cluster that is not watched is said, and the others go on', async () => {
    account.run({ number: 1 });
    expect(await observeEvents({ number: 2, cluster: 'staging' }, { number: 1 })).toEqual(['done', 'done']);
    expect(announcedTasks()).toEqual([1]);
    expect(account.log).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'task of a cluster that is not watched', cluster: 'staging' }),
    );
  });
});

describe('a task that ECS does not know', () => {
  const minutes = (number: number) => ({ age: number * 60 });

  it('after it said that it runs is looked at again for five minutes', async () => {
    expect(await observeEvents({ number: 1 })).toEqual(['again in 1 s (NotYetVisible)']);
    const [fate] = await observe(account, event({ number: 1 }, { receiveCount: 8, ...minutes(4.9) }));
    expect(fate).toBe('again in 60 s (NotYetVisible)');
    account.run({ number: 1 });
    expect(await observe(account, event({ number: 1 }, { receiveCount: 9, ...minutes(4.9) }))).toEqual(['done']);
    expect(announcedTasks()).toEqual([1]);
  });

  it('is looked at again for five minutes after the last event that says that it runs', async () => {
    const events = [event({ number: 1 }, minutes(5)), event({ number: 1, version: 4 }, minutes(1))];
    expect(await observe(account, ...events)).toEqual(Array(2).fill('again in 1 s (NotYetVisible)'));
  });

  it('after that is taken for gone, and said', async () => {
    expect(await observe(account, event({ number: 1 }, minutes(5)))).toEqual(['done']);
    expect(account.messages).toEqual([]);
    expect(account.log).toContainEqual(
      expect.objectContaining({ message: 'task is not scraped: ECS does not know it, five minutes after its event' }),
    );
  });
});

describe('a task that cannot be described completely', () => {
  beforeEach(() => {
    account.answer = (operation, answer) => {
      if (operation !== 'DescribeTasks') return answer;
      const tasks = (answer['tasks'] as object[]).map((task) => ({ ...task, attachments: [], containers: [] }));
      return { ...answer, tasks };
    };
  });

  it('is looked at again, and after five minutes left to resync, with the reason', async () => {
    expect(await start({ number: 1 })).toEqual(['again in 1 s (AnswerIncomplete)']);
    expect(await observe(account, event({ number: 1 }, { age: 300 }))).toEqual(['done']);
    expect(account.messages).toEqual([]);
    expect(account.log.at(-1)).toMatchObject({
      message: 'task is not scraped until an event or resync finds what is missing',
      problem: 'AnswerIncomplete: the task has no network interface with a private address',
    });
  });
});

describe('a slow or failing look-up', () => {
  it.each<[string, TaskOptions]>([
    ['DescribeTaskDefinition', { family: 'slow' }],
    ['DescribeInstances', { family: 'on-host', host: 'h1' }],
  ])('%s delays only the tasks that need it', async (operation, slow) => {
    account.definitions.set('slow', {
      networkMode: 'awsvpc',
      containerDefinitions: [{ name: 'web', dockerLabels: SELECTING }],
    });
    account.definitions.set('on-host', {
      networkMode: 'host',
      containerDefinitions: [{ name: 'web', dockerLabels: SELECTING }],
    });
    account.hosts.set('h1', '172.31.0.1');
    account.before = async (asked, { taskDefinition = 'slow' }) => {
      if (asked === operation && String(taskDefinition).includes('slow')) await account.clock.sleep(1500);
    };
    expect(await start({ number: 1, ...slow }, { number: 2 })).toEqual(['done', 'done']);
    expect(announcedTasks()).toEqual([2, 1]);
    expect(account.messages.map(({ at }) => at - START)).toEqual([250, 1500]);
  });

  it('is tried again for as long as AWS fails to answer', async () => {
    fail(account, 'DescribeTasks');
    account.run({ number: 1 });
    expect(await observe(account, event({ number: 1 }, { receiveCount: 150, age: 2 * 60 * 60 }))).toEqual([
      'again in 60 s (ThrottlingException)',
    ]);
  });

  it('that takes longer than the budget of the batch is tried again, and the answer is not lost', async () => {
    account.before = async (asked) => {
      if (asked === 'DescribeTaskDefinition') await account.clock.sleep(2500);
    };
    const began = account.clock.now();
    expect(await start({ number: 1 })).toEqual(['again in 1 s (Error)']);
    expect(account.clock.now() - began).toBe(2000);
    account.clock.advance(1000);
    expect(await observeEvents({ number: 1 })).toEqual(['done']);
    expect(account.client.calls('DescribeTaskDefinition')).toBe(1);
  });

  it('that hangs is done without in time: what it said before serves', async () => {
    account.addService('shop', { METRICS_PATH: '/metrics', METRICS_PORT: '3000' });
    await start({ number: 1, family: 'plain' });
    account.clock.advance(301_000);
    hang(account, 'ListTagsForResource', PATIENCE.observe.requestTimeout / 1000);
    expect(await start({ number: 2, family: 'plain' })).toEqual(['done']);
    expect(announcedTasks()).toEqual([1, 2]);
  });

  it('of one cluster: the tasks of the others are announced', async () => {
    account = createAccount({ clusters: ['prod', 'staging'] });
    account.before = (operation, { cluster }) => {
      if (operation === 'DescribeTasks' && cluster === 'prod') throw awsError('ClusterNotFoundException');
    };
    const tasks = [{ number: 1 }, { number: 2, cluster: 'staging' }];
    expect(await start(...tasks)).toEqual(['again in 1 s (ClusterNotFoundException)', 'done']);
    expect(announcedTasks()).toEqual([2]);
  });

  it('of one cluster delays no task of another', async () => {
    account = createAccount({ clusters: ['prod', 'staging'] });
    account.before = async (operation, { cluster }) => {
      if (operation === 'DescribeTasks' && cluster === 'prod') await account.clock.sleep(1500);
    };
    await start({ number: 1 }, { number: 2, cluster: 'staging' });
    expect(announcedTasks()).toEqual([2, 1]);
    expect(account.messages.map(({ at }) => at - START)).toEqual([0, 1500]);
  });

  it.each([
    ['INTERNAL', 'Error'],
    ['', 'Error'],
  ])('a partial answer (%p): only that task is tried again', async (reason, error) => {
    account.answer = (operation, answer) => {
      if (operation !== 'DescribeTasks') return answer;
      const tasks = (answer['tasks'] as { taskArn: string }[]).filter(({ taskArn }) => !taskArn.endsWith(idOf(2)));
      return { tasks, failures: reason ? [{ arn: idOf(2), reason }] : [] };
    };
    expect(await start({ number: 1 }, { number: 2 }, { number: 3 })).toEqual([
      'done',
      `again in 1 s (${error})`,
      'done',
    ]);
    expect(announcedTasks()).toEqual([1, 3]);
  });

  it.each(['DescribeContainerInstances', 'DescribeInstances'])(
    '%s leaves a host out: its tasks are tried again',
    async (partial) => {
      account.definitions.set('shop', {
        networkMode: 'host',
        containerDefinitions: [{ name: 'web', dockerLabels: SELECTING }],
      });
      account.hosts.set('h1', '172.31.0.1').set('h2', '172.31.0.2');
      account.answer = (operation, answer) => {
        if (operation !== partial) return answer;
        const [[field = '', list = []] = []] = Object.entries(answer) as [string, object[]][];
        return { [field]: list.filter((it) => !JSON.stringify(it).includes('h1')) };
      };
      expect(await start({ number: 1, host: 'h1' }, { number: 2, host: 'h2' })).toEqual([
        'again in 1 s (Error)',
        'done',
      ]);
      expect(announcedTasks()).toEqual([2]);
    },
  );

  it('is asked for once for all records of a task, which are tried again together', async () => {
    account.before = (operation) => {
      if (operation === 'DescribeTasks') throw awsError('ThrottlingException');
    };
    account.run({ number: 1, version: 4 });
    const fates = await observeEvents(...[3, 4, 2].map((version) => ({ number: 1, version })));
    expect(fates).toEqual(Array(3).fill('again in 1 s (ThrottlingException)'));
    expect(account.client.calls('DescribeTasks')).toBe(1);
  });

  it('is not repeated within the batch: the queue repeats it', async () => {
    account.before = (operation) => {
      if (operation !== 'PublishBatch') throw awsError('ThrottlingException');
    };
    await start({ number: 1 });
    expect(account.asked()).toEqual(['DescribeTasks', 'ChangeMessageVisibilityBatch']);
  });
});

describe('tags that are set while tasks run', () => {
  it('are found by an event a minute later: what leaves a task unselected is at most that old', async () => {
    account.addService('shop');
    await start({ number: 1, family: 'plain' });
    account.addService('shop', { METRICS_PATH: '/metrics', METRICS_PORT: '3000' });
    account.clock.advance(59_000);
    await start({ number: 1, family: 'plain', version: 4 });
    expect(announcedTasks()).toEqual([]);
    account.clock.advance(2000);
    await start({ number: 1, family: 'plain', version: 5 });
    expect(announcedTasks()).toEqual([1]);
  });

  it('need no fresh answer of Cloud Map where the remembered one selects the task', async () => {
    account.addService('shop', { METRICS_PATH: '/metrics', METRICS_PORT: '3000' });
    await start({ number: 1, family: 'plain' });
    account.asked();
    account.clock.advance(299_000);
    await start({ number: 2, family: 'plain' });
    expect(account.asked()).toEqual(['DescribeTasks', 'PublishBatch']);
    expect(changes().at(-1)).toMatchObject({ targets: { labels: targetsOf({ number: 2, family: 'plain' }).labels } });
  });
});
