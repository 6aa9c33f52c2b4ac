import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Account, createAccount, SELECTING } from '../../factories/account.ts';
import { noise } from '../../factories/shards.ts';
import { event, fail, message, observe } from '../../factories/stages.ts';
import { idOf, stopped, type TaskOptions, taskEvent } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
});

const observeEvents = (...options: TaskOptions[]) => observe(account, ...options.map((it) => event(it)));
const start = (...options: TaskOptions[]) => {
  account.run(...options);
  return observeEvents(...options);
};
const announcedTasks = () =>
  account
    .announced()
    .flatMap(({ changes }) => changes.map(({ taskId, version }) => [Number.parseInt(taskId, 16), version]));

describe('an event that repeats what was announced', () => {
  it('costs a warm function no request', async () => {
    await start({ number: 1, version: 3 });
    account.asked();
    expect(await start({ number: 1, version: 3 }, { number: 1, version: 2 }, { number: 1, version: 4 })).toEqual(
      Array(3).fill('done'),
    );
    expect(account.asked()).toEqual([]);
  });

  it('of a stop costs no request, nor does an older event of the task that comes late', async () => {
    await observeEvents({ number: 1, desiredStatus: 'STOPPED', version: 4 });
    account.asked();
    expect(await observeEvents({ number: 1, ...stopped }, { number: 1, version: 99 })).toEqual(['done', 'done']);
    expect(account.asked()).toEqual([]);
  });

  it('is announced again by a function that has started again', async () => {
    await start({ number: 1 });
    account.restart();
    await start({ number: 1 });
    expect(announcedTasks()).toEqual([
      [1, 3],
      [1, 3],
    ]);
  });

  it('never covers the stop of the task', async () => {
    await start({ number: 1, version: 9 });
    await observeEvents({ number: 1, ...stopped, version: 4 });
    expect(account.announced().at(-1)?.changes).toMatchObject([{ kind: 'stop', taskId: idOf(1) }]);
  });

  it('is looked at in bridge mode: Docker may have given a container another port, and back again', async () => {
    account.definitions.set('shop', {
      networkMode: 'bridge',
      containerDefinitions: [{ name: 'web', dockerLabels: SELECTING }],
    });
    account.hosts.set('h1', '172.31.0.1');
    const bound = (hostPort: number, version: number) => ({
      number: 1,
      version,
      host: 'h1',
      containers: [{ name: 'web', networkBindings: [{ containerPort: 3000, hostPort }] }],
    });
    for (const [port, version] of [
      [32768, 3],
      [32769, 4],
      [32768, 5],
    ] as const)
      await start(bound(port, version));
    expect(announcedTasks()).toEqual([
      [1, 3],
      [1, 4],
      [1, 5],
    ]);
    account.asked();
    await start(bound(32768, 5));
    expect(account.asked()).toEqual([]);
  });

  it('is looked at where the task has moved to another definition', async () => {
    account.definitions.set('shop-2', {
      networkMode: 'awsvpc',
      containerDefinitions: [{ name: 'web', dockerLabels: SELECTING }],
    });
    await start({ number: 1, version: 3 });
    await start({ number: 1, version: 4, family: 'shop-2' });
    expect(announcedTasks()).toEqual([
      [1, 3],
      [1, 4],
    ]);
  });

  it('of what SNS did not take is announced', async () => {
    fail(account, 'PublishBatch', 'InternalErrorException');
    expect(await start({ number: 1 })).toEqual(['again in 1 s (InternalErrorException)']);
    account.before = undefined;
    expect(await start({ number: 1 })).toEqual(['done']);
    expect(announcedTasks()).toEqual([[1, 3]]);
  });
});

describe('an announcement that SNS does not take', () => {
  it('brings back all its records', async () => {
    fail(account, 'PublishBatch', 'TimeoutError');
    account.run({ number: 1 });
    expect(await observeEvents({ number: 1 }, { number: 2, ...stopped }, { number: 2, ...stopped })).toEqual(
      Array(3).fill('again in 1 s (TimeoutError)'),
    );
  });

  it('in part brings back only the records of that part', async () => {
    account = createAccount({ clusters: ['prod', 'staging'] });
    account.refuses = (body) => body.includes(idOf(2));
    expect(await observeEvents({ number: 1, ...stopped }, { number: 2, ...stopped, cluster: 'staging' })).toEqual([
      'done',
      'again in 1 s (InternalError)',
    ]);
  });

  it('because it is too large goes in parts, each with its own records', async () => {
    const wide = (family: string, seed: number) =>
      account.definitions.set(family, {
        networkMode: 'awsvpc',
        containerDefinitions: [
          { name: 'web', dockerLabels: { ...SELECTING, ECS_PROMETHEUS_JOB_NAME: noise(seed, 120_000) } },
        ],
      });
    wide('a', 1);
    wide('b', 2);
    account.refuses = (body) => body.includes(idOf(2));
    expect(await start({ number: 1, family: 'a' }, { number: 2, family: 'b' })).toEqual([
      'done',
      'again in 1 s (InternalError)',
    ]);
    expect(announcedTasks()).toEqual([[1, 3]]);
  });
});

describe('a message that will never be good', () => {
  const BEYOND = { containerPort: 3000, hostPort: 70_000 };

  it('is put aside with its reason; the others of its batch are handled', async () => {
    account.run({ number: 1 });
    const fates = await observe(
      account,
      event({ number: 1 }),
      { body: '{"detail": {"hunter2"' },
      { body: '{"source":"aws.ec2"}' },
      event({ number: 2, version: 3.5 }),
    );
    expect(fates).toEqual([
      'done',
      'put aside: not JSON',
      expect.stringMatching(/^put aside: .*missing or wrong source/),
      'put aside: not a task: missing or wrong version',
    ]);
    expect(announcedTasks()).toEqual([[1, 3]]);
  });

  it.each<[string, TaskOptions]>([
    ['version', { version: -1 }],
    ['id', { id: 'a'.repeat(65) }],
  ])('for its %s, which no announcement takes, spoils no announcement of others', async (_, wrong) => {
    const fates = await observe(account, event({ number: 1, ...stopped }), event({ number: 2, ...stopped, ...wrong }));
    expect(fates).toEqual(['done', expect.stringMatching(/^put aside: not a task/)]);
    expect(announcedTasks()).toEqual([[1, stopped.version]]);
  });

  it.each<[string, TaskOptions]>([
    ['an address', { address: 'web.internal' }],
    ['a port', { family: 'bridge', host: 'h1', containers: [{ name: 'web', networkBindings: [BEYOND] }] }],
  ])('nor does %s that no announcement takes: its task alone waits, and its stop is announced', async (_, wrong) => {
    account.hosts.set('h1', '172.31.0.1');
    account.definitions.set('bridge', {
      networkMode: 'bridge',
      containerDefinitions: [{ name: 'web', dockerLabels: SELECTING }],
    });
    account.run({ number: 1 }, { number: 2, ...wrong });
    const [done, again] = await observe(account, event({ number: 1 }), event({ number: 2, ...wrong }));
    expect([done, again]).toEqual(['done', expect.stringMatching(/^again in 1 s/)]);
    expect(announcedTasks()).toEqual([[1, 3]]);
    expect(await observe(account, event({ number: 2, ...wrong, ...stopped }))).toEqual(['done']);
    expect(announcedTasks().at(-1)).toEqual([2, stopped.version]);
  });

  it('nor any other shows a secret that an event holds', async () => {
    fail(account, 'PublishBatch', 'AuthorizationErrorException');
    await start({ number: 1 });
    await observe(account, { body: 'hunter2' }, { body: taskEvent({ number: 2, version: Number.NaN }) });
    expect(
      JSON.stringify([account.log, account.counts, account.queue.deadLetters.map(({ reason }) => reason)]),
    ).not.toContain('hunter2');
  });
});

describe('what waits behind a full batch', () => {
  const full = Array.from({ length: 10 }, (_, index) => index + 1);

  it('is taken with it, looked up with it, and deleted when it is handled', async () => {
    account.run(...[...full, 11, 12].map((number) => ({ number })));
    const more = [11, 12].map((number) => message(account, event({ number })));
    account.queue.waiting.push(...more);
    await observeEvents(...full.map((number) => ({ number })));
    expect(account.client.calls('DescribeTasks')).toBe(1);
    expect(announcedTasks()).toHaveLength(12);
    expect(account.queue.deleted).toEqual(more.map(({ receiptHandle }) => receiptHandle));
  });

  it('is kept in the queue where it cannot be handled', async () => {
    account.run(...full.map((number) => ({ number })));
    const [unknown] = [message(account, event({ number: 11 }))];
    account.queue.waiting.push(unknown);
    await observeEvents(...full.map((number) => ({ number })));
    expect(account.queue.deleted).toEqual([]);
    expect(account.queue.shownAfter.get(unknown.receiptHandle)).toBe(1);
  });

  it('may be a stop of a task that the batch calls running', async () => {
    account.run(...full.map((number) => ({ number })));
    account.queue.waiting.push(message(account, event({ number: 1, ...stopped })));
    await observeEvents(...full.map((number) => ({ number })));
    const kinds = account.announced().flatMap(({ changes }) => changes.filter(({ taskId }) => taskId === idOf(1)));
    expect(kinds.map(({ kind }) => kind)).toEqual(['stop']);
  });

  it('is not asked for by a small batch', async () => {
    await observeEvents({ number: 1, ...stopped });
    expect(account.client.calls('ReceiveMessage')).toBe(0);
  });
});
