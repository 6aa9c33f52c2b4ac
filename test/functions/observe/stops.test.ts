import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Account, createAccount, START } from '../../factories/account.ts';
import { event, hang, observe } from '../../factories/stages.ts';
import { idOf, stopped, type TaskOptions } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
});

const stopOf = (number: number, options: TaskOptions = {}) => event({ number, ...stopped, ...options });
const changes = () => account.announced().flatMap((it) => it.changes);

describe('a task that stops', () => {
  it.each<[string, TaskOptions]>([
    ['told to stop', { lastStatus: 'RUNNING', desiredStatus: 'STOPPED', version: 4 }],
    ['deprovisioning', { lastStatus: 'DEPROVISIONING', desiredStatus: 'STOPPED', version: 5 }],
    ['stopped', stopped],
  ])('is announced without a request to ECS, Cloud Map or SSM: %s', async (_, how) => {
    expect(await observe(account, event({ number: 1, ...how }))).toEqual(['done']);
    expect(account.asked()).toEqual(['PublishBatch']);
    expect(account.announced()).toEqual([
      {
        deployment: 'discovery',
        cluster: 'prod',
        changes: [{ kind: 'stop', taskId: idOf(1), version: how.version, observed: START / 1000, service: 'shop' }],
        changedAt: START,
        misregistered: [],
        compared: [],
        written: [],
      },
    ]);
  });

  it('is announced also where nothing selects it, and where nobody knows its definition', async () => {
    expect(await observe(account, stopOf(1, { family: 'plain' }), stopOf(2, { family: 'unheard-of' }))).toEqual([
      'done',
      'done',
    ]);
    expect(changes().map(({ taskId }) => taskId)).toEqual([idOf(1), idOf(2)]);
  });

  it('is not announced where it never ran: it was no target', async () => {
    expect(await observe(account, stopOf(1, { startedAt: undefined }))).toEqual(['done']);
    expect(account.asked()).toEqual([]);
  });

  it('is announced together with the others of its batch', async () => {
    await observe(account, stopOf(1), stopOf(2), stopOf(3));
    expect(account.announced().map((it) => it.changes.length)).toEqual([3]);
  });

  it('delays no look-up while SNS does not answer', async () => {
    const looked: number[] = [];
    account.before = async (operation) => {
      if (operation === 'DescribeTasks') looked.push(account.clock.now() - START);
      if (operation === 'PublishBatch') await account.clock.sleep(1000);
    };
    account.run({ number: 2 });
    await observe(account, stopOf(1), event({ number: 2 }));
    expect(looked).toEqual([0]);
  });

  it('wins over everything else that a batch says of it, in whatever order', async () => {
    const history = [event({ number: 1, version: 3 }), stopOf(1, { version: 5 }), event({ number: 1, version: 9 })];
    account.run({ number: 1, version: 9 });
    for (const order of [history, history.toReversed()]) {
      account.restart();
      expect(await observe(account, ...order)).toEqual(['done', 'done', 'done']);
    }
    expect(changes().map(({ kind }) => kind)).toEqual(['stop', 'stop']);
  });

  it.each(['DescribeTasks', 'DescribeTaskDefinition', 'ListNamespaces', 'GetParameters'])(
    'is announced at once, whatever the runs of its batch wait for: %s hangs',
    async (operation) => {
      account.run({ number: 1 });
      hang(account, operation, 10);
      const [run, stop] = await observe(account, event({ number: 1 }), stopOf(2));
      expect([run, stop]).toEqual(['again in 1 s (Error)', 'done']);
      expect(account.messages.map(({ at }) => at)).toEqual([START]);
      expect(changes()).toMatchObject([{ kind: 'stop', taskId: idOf(2) }]);
    },
  );

  it('is announced at once, whatever the messages do that wait behind its batch', async () => {
    hang(account, 'ReceiveMessage', 15);
    const fates = await observe(account, ...Array.from({ length: 10 }, (_, index) => stopOf(index + 1)));
    expect(new Set(fates)).toEqual(new Set(['done']));
    expect(account.messages.map(({ at }) => at)).toEqual([START]);
  });
});
