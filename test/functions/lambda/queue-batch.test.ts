import { beforeEach, describe, expect, it } from '@jest/globals';
import type { QueuedMessage, TaskQueue } from '../../../functions/aws/sqs.ts';
import { handleBatch } from '../../../functions/lambda/queue-batch.ts';
import { type Account, createAccount } from '../../factories/account.ts';
import { awsError } from '../../factories/senders.ts';
import { taskEvent } from '../../factories/tasks.ts';

const GATHERING = { largeBatch: 2, most: 6, time: 3000 };

let account: Account;
/** What is in the queue beside what the event source has taken. */
let waiting: QueuedMessage[];
let deleted: string[];
let postponed: string[];
let queue: TaskQueue;

beforeEach(() => {
  account = createAccount();
  waiting = [];
  deleted = [];
  postponed = [];
  queue = {
    receive: async () => waiting.splice(0, 1),
    delete: async (handle) => {
      deleted.push(handle);
    },
    retryAfter: async (handle) => {
      postponed.push(handle);
    },
    putAside: async () => {},
  };
});

const message = (number: number): QueuedMessage => ({
  messageId: `id ${number}`,
  receiptHandle: `receipt ${number}`,
  body: taskEvent({ number }),
  receiveCount: 1,
});

const run = (...numbers: number[]) => account.run(...numbers.map((number) => ({ number })));
const handle = (...numbers: number[]) => {
  const deadline = account.clock.now() + 25_000;
  return handleBatch({ ...account.deps, queue }, numbers.map(message), deadline, GATHERING);
};

describe('a small batch', () => {
  it('is handled by itself', async () => {
    run(1, 2);
    waiting = [message(2)];
    expect(await handle(1)).toEqual([]);
    expect(account.published()).toEqual([1]);
    expect([waiting.length, deleted]).toEqual([1, []]);
  });
});

describe('a large batch', () => {
  it('is handled with what waits behind it, each shard written once', async () => {
    run(1, 2, 3, 4);
    waiting = [3, 4].map(message);
    expect(await handle(1, 2)).toEqual([]);
    expect(account.published()).toEqual([1, 2, 3, 4]);
    expect(deleted.sort()).toEqual(['receipt 3', 'receipt 4']);
  });

  it('leaves in the queue what cannot be handled now, whoever took it', async () => {
    run(2, 3);
    waiting = [3, 4].map(message);
    expect(await handle(1, 2)).toEqual([{ itemIdentifier: 'id 1' }]);
    expect(account.published()).toEqual([2, 3]);
    expect(deleted).toEqual(['receipt 3']);
    expect(postponed.sort()).toEqual(['receipt 1', 'receipt 4']);
  });

  it('takes no more than an invocation can handle', async () => {
    run(...Array.from({ length: 40 }, (_, index) => index + 1));
    waiting = Array.from({ length: 38 }, (_, index) => message(index + 3));
    await handle(1, 2);
    // Each of those who receive may have begun before the last one came.
    expect(account.published().length).toBeLessThanOrEqual(6 + 10);
    expect(waiting.length).toBeGreaterThan(0);
  });

  it('goes without more where the queue does not give any', async () => {
    run(1, 2);
    queue.receive = async () => {
      throw awsError('AccessDenied', 'no sqs:ReceiveMessage');
    };
    expect(await handle(1, 2)).toEqual([]);
    expect(account.published()).toEqual([1, 2]);
    expect(account.log).toContainEqual(expect.objectContaining({ message: 'no more messages could be taken at once' }));
  });

  it('tells of a message that was handled and could not be deleted', async () => {
    run(1, 2, 3);
    waiting = [message(3)];
    queue.delete = async () => {
      throw awsError('InternalError', 'later');
    };
    expect(await handle(1, 2)).toEqual([]);
    expect(account.log).toContainEqual(expect.objectContaining({ messageId: 'id 3', error: 'InternalError: later' }));
  });
});
