import { beforeEach, describe, expect, it } from '@jest/globals';
import { METRICS } from '../../../functions/discovery/metric-names.ts';
import { shardOfTask } from '../../../functions/discovery/shard/shard-of-task.ts';
import { type Account, createAccount, START } from '../../factories/account.ts';
import { awsError } from '../../factories/senders.ts';
import { noise } from '../../factories/shards.ts';
import {
  announcing,
  deselect,
  fail,
  hang,
  message,
  numbers,
  stop,
  store,
  storeWithin,
  targetsOf,
  upsert,
} from '../../factories/stages.ts';
import { idOf, stopped } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
});

const PARAMETER = '/discovery/prod/targets/0';
const upserts = (...some: number[]) => announcing(some.map((number) => upsert(number)));
const puts = () => account.client.calls('PutParameter');

describe('announced changes', () => {
  it('are in the shard afterwards, and the new version is announced as a notice', async () => {
    account.publish([targetsOf({ number: 2 }), targetsOf({ number: 3 })]);
    const batch = announcing([upsert(1), stop(2), deselect(3)]);
    expect(await store(account, batch)).toEqual(['done']);
    expect(account.published()).toEqual([1]);
    expect(account.shard().tasks.get(idOf(1))).toEqual({ targets: targetsOf({ number: 1 }), observed: START / 1000 });
    expect(account.shard().removed.get(idOf(2))).toEqual({ kind: 'stop', version: 5, observed: START / 1000 });
    expect(account.shard().removed.get(idOf(3))).toMatchObject({ kind: 'deselect' });
    expect(account.messages.map(({ kind }) => kind)).toEqual(['notice']);
    expect(account.announced()).toMatchObject([
      { deployment: 'discovery', cluster: 'prod', changes: [], written: [{ shard: 0, shards: 1, version: 3 }] },
    ]);
  });

  it('of many messages are one write for each shard', async () => {
    account = createAccount({ shards: 4 });
    await store(account, ...numbers(40).map((number) => upserts(number)));
    expect(account.published()).toEqual(numbers(40));
    expect(puts()).toBe(4);
    expect(account.asked()).not.toContain('DescribeTasks');
  });

  it('of a task that two messages name are written as the newer one says, in whatever order', async () => {
    const statements = [announcing([upsert(1, { version: 4, address: '10.0.0.44' })]), announcing([stop(1)])];
    account.publish([targetsOf({ number: 1 }), targetsOf({ number: 2 })]);
    expect(await store(account, ...statements.toReversed())).toEqual(['done', 'done']);
    expect(account.published()).toEqual([2]);
  });

  it('that change nothing cause no write: the same targets, an older statement, an old deselection', async () => {
    account.publish([targetsOf({ number: 1, version: 4 })]);
    const changes = [
      upsert(1, { version: 5 }),
      upsert(1, { version: 3, address: '10.9.9.9' }),
      deselect(1, { version: 3 }),
    ];
    expect(await store(account, ...changes.map((change) => announcing([change])))).toEqual(Array(3).fill('done'));
    expect(account.asked()).toEqual(['ReceiveMessage', 'GetParameters', 'ReceiveMessage']);
  });

  it('never bring back a task that the shard remembers as stopped', async () => {
    account.publish([], { removed: { [idOf(1)]: { kind: 'stop', version: 5, observed: START / 1000 - 20 } } });
    account.run({ number: 1, version: 99 });
    expect(await store(account, announcing([upsert(1, { version: 99 })]))).toEqual(['done']);
    expect(account.published()).toEqual([]);
  });

  it.each([false, true])(
    'of a task that was offered and stopped before the shard knew it leave the stop there, for who heard of the targets alone: %s',
    async (stopFirst) => {
      const both = [upserts(1), announcing([stop(1)])];
      expect(await store(account, ...(stopFirst ? both.toReversed() : both))).toEqual(['done', 'done']);
      expect(account.published()).toEqual([]);
      expect(account.shard().removed.get(idOf(1))).toMatchObject({ kind: 'stop' });
      await store(account, ...both);
      expect(puts()).toBe(1);
    },
  );

  it('of a task that ECS says has stopped since leave the stop there, too', async () => {
    account.run({ number: 1, ...stopped });
    const old = announcing([upsert(1, { observed: START / 1000 - 60 })]);
    expect(await store(account, old)).toEqual(['done']);
    expect(account.shard().removed.get(idOf(1))).toMatchObject({ kind: 'stop', version: 7 });
  });

  it('are counted, with the fullness of the shard', async () => {
    await store(account, upserts(1));
    expect(account.counted(METRICS.fullness)).toBeGreaterThan(0);
    expect(account.log).toContainEqual(
      expect.objectContaining({ message: 'shard written', shard: 0, version: 2, tasks: 1 }),
    );
  });
});

describe('a message that is not for the store', () => {
  it.each<[string, object]>([
    ['another deployment', { deployment: 'other' }],
    ['a cluster that is not watched', { cluster: 'staging' }],
  ])('changes nothing, and is said: %s', async (_, about) => {
    account.publish([targetsOf({ number: 1 })]);
    expect(await store(account, announcing([stop(1), upsert(2)], about))).toEqual(['done']);
    expect(account.published()).toEqual([1]);
    expect(account.log).toContainEqual(
      expect.objectContaining({ level: 'warn', message: 'announcement is not for this deployment' }),
    );
  });

  it.each<[string, (body: string) => string]>([
    ['an address that is a name', (body) => body.replace('10.0.0.1', 'evil.example')],
    ['a port that is none', (body) => body.replace('3000', '300000')],
    ['a label that decides where a collector connects to', (body) => body.replace('__metrics_path__', '__address__')],
    ['another format', (body) => body.replace('"v":1', '"v":2')],
    ['no announcement', () => 'hunter2'],
  ])('is put aside with the reason, and changes nothing: %s', async (_, forge) => {
    const body = forge(upserts(1).body);
    const [forged, good] = await store(account, { body }, upserts(2));
    expect([forged, good]).toEqual([expect.stringMatching(/^put aside: not an announcement: /), 'done']);
    expect(account.published()).toEqual([2]);
    expect(account.queue.deadLetters.map(({ reason }) => reason).join()).not.toContain('hunter2');
  });
});

describe('a shard that cannot be written', () => {
  it('brings back its messages alone', async () => {
    account = createAccount({ shards: 2 });
    account.before = (operation, { Name }) => {
      if (operation === 'PutParameter' && String(Name).endsWith('/1')) throw awsError('AccessDeniedException', 'no');
    };
    const fates = await store(account, ...numbers(8).map((number) => upserts(number)));
    const ofSecond = numbers(8).map((number) => shardOfTask(idOf(number), 2) === 1);
    expect(fates).toEqual(ofSecond.map((it) => (it ? 'again in 1 s (AccessDeniedException)' : 'done')));
    expect(account.published()).toEqual(numbers(8).filter((_, index) => !ofSecond[index]));
  });

  it.each(['', 'edited by hand'])(
    'because no version of it counts (%j) is not created: only resync knows what belongs in it',
    async (text) => {
      account.parameters.remove(PARAMETER);
      if (text) account.parameters.write(PARAMETER, text);
      expect(await store(account, upserts(1))).toEqual(['again in 1 s (ShardMissing)']);
      expect(puts()).toBe(0);
      expect(account.log).toContainEqual(
        expect.objectContaining({
          message: 'shard does not hold all changes yet',
          problem: `ShardMissing: parameter ${PARAMETER} holds no shard: run resync, which writes it again`,
        }),
      );
    },
  );

  it('because it is full refuses only what does not fit', async () => {
    const wide = upsert(1, { targets: [{ port: 3000, labels: { __metrics_path__: noise(1, 6000) } }] });
    account.publish([targetsOf({ number: 3 })]);
    expect(await store(account, announcing([wide]), upserts(2), announcing([stop(3)]))).toEqual([
      'again in 1 s (ShardFull)',
      'done',
      'done',
    ]);
    expect(account.published()).toEqual([2]);
  });

  it('within its time: what is left comes again', async () => {
    account = createAccount({ shards: 2 });
    account.before = (operation) => {
      if (operation === 'PutParameter') account.clock.advance(6000);
    };
    const [first = 0, second = 0] = [0, 1].map((shard) => numbers(9).find((it) => shardOfTask(idOf(it), 2) === shard));
    expect(await storeWithin(account, 5, upserts(first), upserts(second))).toEqual(['done', 'again in 1 s (Error)']);
    expect(account.published()).toEqual([first]);
  });
});

describe('a put', () => {
  const refuse = (times: number) => {
    account.before = (operation) => {
      if (operation === 'PutParameter' && times-- > 0) throw awsError('ThrottlingException');
    };
  };

  it('that is throttled is repeated without reading again', async () => {
    refuse(3);
    expect(await store(account, upserts(1))).toEqual(['done']);
    expect(account.asked().filter((it) => /Parameter/.test(it))).toEqual([
      'GetParameters',
      ...Array(4).fill('PutParameter'),
    ]);
    expect(account.counted(METRICS.throttles)).toBe(3);
  });

  it('that is throttled for long is decided again: the task may have stopped meanwhile', async () => {
    refuse(60);
    account.run({ number: 1, version: 7, desiredStatus: 'STOPPED' }, { number: 2 });
    expect(await store(account, upserts(1, 2))).toEqual(['done']);
    expect(account.published()).toEqual([2]);
    expect(account.counted(METRICS.conflicts)).toBe(0);
  });

  it('that another writer was ahead of is decided again with what that one wrote', async () => {
    account.publish([targetsOf({ number: 3 })]);
    let others = 1;
    account.before = (operation) => {
      if (operation === 'PutParameter' && others-- > 0) account.publish([targetsOf({ number: 2 })]);
    };
    await store(account, upserts(1));
    expect(account.published()).toEqual([1, 2]);
    expect(account.counted(METRICS.conflicts)).toBe(1);
  });
});

describe('the message of a change', () => {
  const twoShards = () => {
    account = createAccount({ shards: 2 });
    const [first = 0, second = 0] = [0, 1].map((shard) => numbers(9).find((it) => shardOfTask(idOf(it), 2) === shard));
    return upserts(first, second);
  };

  it('is deleted before the shards of others are written', async () => {
    account = createAccount({ shards: 2 });
    const waiting = [0, 1].map((shard) => numbers(9).find((it) => shardOfTask(idOf(it), 2) === shard) ?? 0);
    account.queue.waiting.push(...waiting.map((number) => message(account, upserts(number))));
    const deleted: number[] = [];
    account.before = (operation) => {
      if (operation === 'PutParameter') deleted.push(account.queue.deleted.length);
    };
    await store(account);
    expect(deleted).toEqual([0, 1]);
  });

  it('holds up the shard of no other while SQS does not delete it', async () => {
    account = createAccount({ shards: 2 });
    const waiting = [0, 1].map((shard) => numbers(9).find((it) => shardOfTask(idOf(it), 2) === shard) ?? 0);
    account.queue.waiting.push(...waiting.map((number) => message(account, upserts(number))));
    const written: number[] = [];
    account.before = async (operation) => {
      if (operation === 'PutParameter') written.push(account.clock.now());
      if (operation === 'DeleteMessageBatch') await account.clock.sleep(15_000);
    };
    await store(account);
    expect(account.queue.deleted).toHaveLength(2);
    const [first = 0, second = Number.POSITIVE_INFINITY] = written;
    expect(second - first).toBeLessThan(15_000);
  });

  it('is deleted when all its shards hold it', async () => {
    const waiting = message(account, twoShards());
    account.queue.waiting.push(waiting);
    account.before = (operation) => {
      if (operation === 'PutParameter') expect(account.queue.deleted).toEqual([]);
    };
    await store(account);
    expect(puts()).toBe(2);
    expect(account.queue.deleted).toEqual([waiting.receiptHandle]);
  });

  it('stays while one of them does not', async () => {
    const waiting = message(account, twoShards());
    account.queue.waiting.push(waiting);
    account.before = (operation, { Name }) => {
      if (operation === 'PutParameter' && String(Name).endsWith('/1')) throw awsError('AccessDeniedException');
    };
    await store(account);
    expect(account.queue.deleted).toEqual([]);
    expect(account.queue.shownAfter.get(waiting.receiptHandle)).toBe(1);
  });

  it('that failed for one shard and is to be looked at again for another comes again soon', async () => {
    account = createAccount({ shards: 2 });
    account.before = (operation, { Name }) => {
      if (operation === 'PutParameter' && String(Name).endsWith('/0')) throw awsError('AccessDeniedException');
    };
    const [failing = 0, unheld = 0] = [0, 1].map((shard) =>
      numbers(9).find((it) => shardOfTask(idOf(it), 2) === shard),
    );
    expect(await store(account, announcing([upsert(failing), stop(unheld)]))).toEqual([
      'again in 1 s (AccessDeniedException)',
    ]);
  });

  it('waits in the queue while a run has five thousand in hand', async () => {
    const ofBoth = twoShards();
    account.queue.waiting.push(...numbers(6000).map(() => message(account, ofBoth)));
    const waiting: number[] = [];
    account.before = (operation) => {
      if (operation === 'PutParameter') waiting.push(account.queue.waiting.length);
    };
    await store(account);
    // Ten requests at once each bring ten at most.
    expect(waiting.map((it) => it >= 900 && it <= 1000)).toEqual([true, true]);
    expect(account.queue.deleted).toHaveLength(6000);
  });

  it('that comes while a shard is written is taken, too', async () => {
    let more = [2, 3];
    account.before = (operation) => {
      if (operation !== 'PutParameter') return;
      account.queue.waiting.push(...more.map((number) => message(account, upserts(number))));
      more = [];
    };
    await store(account, upserts(1));
    expect(account.published()).toEqual([1, 2, 3]);
    expect([puts(), account.queue.deleted.length]).toEqual([2, 2]);
  });
});

describe('of two runs at work, the later one', () => {
  /** What waits in the queue while a shard is written for the first time. */
  const waitsBehind = async (writtenAt: number | undefined): Promise<number> => {
    account.parameters.writtenAt = writtenAt;
    account.before = (operation) => {
      if (operation !== 'PutParameter') return;
      account.before = undefined;
      account.queue.waiting.push(message(account, upserts(2)));
    };
    await store(account, upserts(1));
    return account.queue.waiting.length;
  };

  it('takes no more messages: the shards that both have in hand would be written twice', async () => {
    expect(await waitsBehind(START - 2000)).toBe(1);
    expect(account.published()).toEqual([1]);
  });

  it.each<[string, number | undefined]>([
    ['the other one wrote long ago', START - 60_000],
    ['the other one began later', START + 1000],
    ['SSM does not say when the shard was written', undefined],
  ])('is not meant where %s', async (_, writtenAt) => {
    expect(await waitsBehind(writtenAt)).toBe(0);
    expect(account.published()).toEqual([1, 2]);
  });

  it('is not a run that finds what the one before it wrote in the same environment', async () => {
    await store(account, upserts(3));
    expect(await waitsBehind(account.clock.now() - 1000)).toBe(0);
  });
});

describe('the notice of a new version', () => {
  it('that SNS does not take is said, and no more: target-sync reads again anyway', async () => {
    fail(account, 'PublishBatch', 'InternalErrorException', 'later');
    expect(await store(account, upserts(1))).toEqual(['done']);
    expect(account.log).toContainEqual(
      expect.objectContaining({ message: 'new version not announced', error: 'InternalErrorException: later' }),
    );
  });

  it('holds up no other shard while SNS does not answer', async () => {
    account = createAccount({ shards: 8 });
    hang(account, 'PublishBatch', 3);
    const began = account.clock.now();
    await store(account, upserts(...numbers(40)));
    expect(puts()).toBe(8);
    expect(account.clock.now() - began).toBeLessThan(5000);
  });
});
