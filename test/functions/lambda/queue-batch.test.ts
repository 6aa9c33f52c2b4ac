import { beforeEach, describe, expect, it } from '@jest/globals';
import type { MessageQueue, QueuedMessage } from '../../../functions/aws/sqs.ts';
import { METRICS } from '../../../functions/discovery/metric-names.ts';
import { DONE, type Outcome, retry, retrySeconds, settle, settleTaken } from '../../../functions/lambda/queue-batch.ts';
import { takeMore } from '../../../functions/lambda/take-more.ts';
import { type VirtualClock, virtualClock } from '../../factories/clock.ts';
import { awsError } from '../../factories/senders.ts';

let clock: VirtualClock;
let waiting: QueuedMessage[];
let deleted: string[];
let shownAfter: [string, number][];
let aside: [string, string][];
let lines: object[];
let counts: Record<string, number>;
let queue: { -readonly [name in keyof MessageQueue]: MessageQueue[name] };

beforeEach(() => {
  clock = virtualClock();
  waiting = [];
  deleted = [];
  shownAfter = [];
  aside = [];
  lines = [];
  counts = {};
  queue = {
    receive: async () => waiting.splice(0, 10),
    delete: async (receipt) => {
      deleted.push(receipt);
    },
    retryAfter: async (receipt, seconds) => {
      shownAfter.push([receipt, seconds]);
    },
    putAside: async (body, reason) => {
      aside.push([body, reason]);
    },
  };
});

const line = (message: string, fields: object) => lines.push({ message, ...fields });
const parts = () => ({
  queue,
  clock,
  report: {
    info: line,
    warn: line,
    count: (metric: string, value: number) => {
      counts[metric] = (counts[metric] ?? 0) + value;
    },
  },
});

const message = (id: string, receiveCount = 1): QueuedMessage => ({
  messageId: id,
  receiptHandle: `receipt of ${id}`,
  body: `body of ${id}`,
  receiveCount,
  sentAt: clock.now(),
  firstReceivedAt: clock.now(),
});

/** @returns the ids of the messages that are kept */
async function settled(outcomes: Record<string, Outcome>, ids = Object.keys(outcomes), receiveCount = 1) {
  const messages = ids.map((id) => message(id, receiveCount));
  const kept = await settle(parts(), messages, new Map(Object.entries(outcomes)));
  return kept.map(({ messageId }) => messageId);
}

const POISON: Outcome = { kind: 'poison', reason: 'not JSON' };
const RETRY = retry(awsError('ThrottlingException'));
const LATER: Outcome = { kind: 'later', seconds: 45 };

describe('a batch', () => {
  it('keeps what is to be tried or looked at again, and nothing else', async () => {
    expect(await settled({ a: DONE, b: RETRY, c: POISON, d: LATER })).toEqual(['b', 'd']);
    expect(shownAfter).toEqual([
      ['receipt of b', 1],
      ['receipt of d', 45],
    ]);
    expect(aside).toEqual([['body of c', 'not JSON']]);
    expect(counts).toEqual({ [METRICS.retried]: 1, [METRICS.poison]: 1 });
  });

  it('keeps what nobody said anything of', async () => {
    expect(await settled({}, ['a'])).toEqual(['a']);
    expect(lines).toContainEqual(expect.objectContaining({ error: 'Error: the message was not handled' }));
  });

  it('that went well is silent', async () => {
    expect(await settled({ a: DONE, b: LATER })).toEqual(['b']);
    expect([aside, lines, counts]).toEqual([[], [], {}]);
  });
});

describe('a message that is tried again', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 4],
    [6, 32],
    [7, 60],
    [200, 60],
  ])('after %i tries comes back in %i s', async (receiveCount, seconds) => {
    expect(retrySeconds(receiveCount)).toBe(seconds);
    await settled({ a: RETRY }, ['a'], receiveCount);
    expect(shownAfter).toEqual([['receipt of a', seconds]]);
    expect(lines).toEqual([
      {
        message: 'message is tried again',
        messageId: 'a',
        receiveCount,
        seconds,
        error: 'ThrottlingException: Rate exceeded',
      },
    ]);
  });

  it('is kept also when SQS does not take the new time', async () => {
    queue.retryAfter = async () => {
      throw awsError('InvalidParameterValue', 'gone');
    };
    expect(await settled({ a: RETRY, b: LATER })).toEqual(['a', 'b']);
    expect(lines).toContainEqual({
      message: 'message comes again only after the visibility timeout',
      messageId: 'a',
      error: 'InvalidParameterValue: gone',
    });
  });
});

describe('a message that will never be good', () => {
  it('is logged with its reason, not with its body', async () => {
    await settled({ a: POISON });
    expect(lines).toEqual([
      { message: 'message put aside in the dead-letter queue', messageId: 'a', reason: 'not JSON' },
    ]);
  });

  it('is kept when it cannot be put aside, until its number of tries takes it there', async () => {
    queue.putAside = async () => {
      throw awsError('AccessDenied', 'no sqs:SendMessage');
    };
    expect(await settled({ a: POISON, b: DONE })).toEqual(['a']);
    expect(lines).toEqual([
      expect.objectContaining({ message: 'malformed message could not be put aside', messageId: 'a' }),
    ]);
  });
});

describe('messages that the function took itself', () => {
  const settleDone = (...ids: readonly string[]) =>
    settleTaken(
      parts(),
      [...ids, 'later'].map((id) => message(id)),
      new Map([...ids.map((id): [string, Outcome] => [id, DONE]), ['later', LATER]]),
    );

  it('are deleted when they are handled, and no others', async () => {
    await settleDone('a', 'b');
    expect(deleted).toEqual(['receipt of a', 'receipt of b']);
  });

  it('that cannot be deleted are said, and come again', async () => {
    queue.delete = async () => {
      throw awsError('InternalError', 'later');
    };
    await settleDone('a');
    expect(lines).toEqual([
      { message: 'a handled message could not be deleted', messageId: 'a', error: 'InternalError: later' },
    ]);
  });
});

describe('what waits behind a batch', () => {
  const fill = (count: number) => {
    waiting = Array.from({ length: count }, (_, index) => message(String(index)));
  };
  const take = async (most = 1000) => (await takeMore(parts(), { most, time: 2000 })).length;
  const countReceives = () => {
    let receives = 0;
    const { receive } = queue;
    queue.receive = async () => {
      receives++;
      return receive();
    };
    return () => receives;
  };

  it('is asked for once where little waits', async () => {
    const receives = countReceives();
    fill(9);
    expect([await take(), receives()]).toEqual([9, 1]);
  });

  it('is taken to the end where much waits', async () => {
    fill(500);
    expect(await take()).toBe(500);
  });

  it('is not asked for where none may be taken', async () => {
    const receives = countReceives();
    fill(9);
    expect([await take(0), receives()]).toEqual([0, 0]);
  });

  it('is taken up to the number that can be handled; each of ten receivers may have begun before', async () => {
    fill(500);
    const taken = await take(100);
    expect(taken).toBeGreaterThanOrEqual(100);
    expect(taken).toBeLessThan(200);
  });

  it('is taken for a time', async () => {
    const { receive } = queue;
    queue.receive = async () => {
      clock.advance(500);
      return receive();
    };
    fill(500);
    expect(await take()).toBeLessThan(200);
  });

  it('is done without where the queue does not give any', async () => {
    queue.receive = async () => {
      throw awsError('AccessDenied', 'no sqs:ReceiveMessage');
    };
    expect(await take()).toBe(0);
    expect(lines).toEqual([
      {
        message: 'no more messages could be taken at once',
        error: expect.stringMatching(/^AccessDenied: no sqs:ReceiveMessage/),
      },
    ]);
  });

  it('is not lost where one of several requests fails', async () => {
    fill(500);
    const { receive } = queue;
    let requests = 0;
    queue.receive = async () => {
      if (++requests === 3) throw awsError('InternalError', 'later');
      const received = await receive();
      await new Promise((resolve) => setImmediate(resolve));
      return received;
    };
    expect(await take()).toBe(500);
    expect(waiting).toEqual([]);
    expect(lines).toHaveLength(1);
  });
});
