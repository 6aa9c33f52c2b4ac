import { beforeEach, describe, expect, it } from '@jest/globals';
import type { TaskQueue } from '../../../functions/aws/sqs.ts';
import { METRICS } from '../../../functions/discovery/metric-names.ts';
import { retrySeconds, settleRecords } from '../../../functions/lambda/return-or-drop.ts';
import type { RecordOutcome } from '../../../functions/reconcile/task-change.ts';
import { awsError } from '../../factories/senders.ts';

let retried: [string, number][];
let aside: [string, string][];
let lines: object[];
let counts: Record<string, number>;
let queue: TaskQueue;

beforeEach(() => {
  retried = [];
  aside = [];
  lines = [];
  counts = {};
  queue = {
    receive: async () => [],
    delete: async () => {},
    retryAfter: async (receipt, seconds) => {
      retried.push([receipt, seconds]);
    },
    putAside: async (body, reason) => {
      aside.push([body, reason]);
    },
  };
});

const line = (message: string, fields: object) => lines.push({ message, ...fields });

function settle(outcomes: Record<string, RecordOutcome>, ids = Object.keys(outcomes), receiveCount = 1) {
  const records = ids.map((id) => ({
    messageId: id,
    receiptHandle: `receipt of ${id}`,
    body: `body of ${id}`,
    receiveCount,
  }));
  const report = {
    info: line,
    warn: line,
    count: (metric: string, value: number) => {
      counts[metric] = (counts[metric] ?? 0) + value;
    },
  };
  return settleRecords({ queue, report }, records, new Map(Object.entries(outcomes)));
}

const done: RecordOutcome = { kind: 'done' };
const poison: RecordOutcome = { kind: 'poison', reason: 'not JSON' };
const retry: RecordOutcome = { kind: 'retry', error: awsError('ThrottlingException') };

describe('a batch', () => {
  it('keeps what is to be tried again, and nothing else', async () => {
    expect(await settle({ a: done, b: retry, c: poison, d: done })).toEqual(new Set(['b']));
    expect(retried).toEqual([['receipt of b', 5]]);
    expect(aside).toEqual([['body of c', 'not JSON']]);
    expect(counts).toEqual({ [METRICS.retried]: 1, [METRICS.poison]: 1 });
  });

  it('keeps what nobody said anything of', async () => {
    expect(await settle({}, ['a'])).toEqual(new Set(['a']));
    expect(lines).toContainEqual(expect.objectContaining({ error: 'Error: the record was not handled' }));
  });

  it('that went well is silent', async () => {
    expect(await settle({ a: done, b: done })).toEqual(new Set());
    expect([retried, aside, lines]).toEqual([[], [], []]);
  });
});

describe('a record that is tried again', () => {
  it.each([
    [1, 5],
    [2, 10],
    [3, 20],
    [6, 160],
    [7, 300],
    [40, 300],
  ])('after %i tries comes back in %i s', async (receiveCount, seconds) => {
    expect(retrySeconds(receiveCount)).toBe(seconds);
    await settle({ a: retry }, ['a'], receiveCount);
    expect(retried).toEqual([['receipt of a', seconds]]);
    expect(lines).toEqual([
      {
        message: 'record is tried again',
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
    expect(await settle({ a: retry, b: retry })).toEqual(new Set(['a', 'b']));
    expect(lines).toContainEqual({
      message: 'record is tried again after the visibility timeout',
      messageId: 'a',
      error: 'InvalidParameterValue: gone',
    });
  });
});

describe('a record that will never be good', () => {
  it('is logged with its reason, not with its body', async () => {
    await settle({ a: poison });
    expect(lines).toEqual([
      { message: 'message put aside in the dead-letter queue', messageId: 'a', reason: 'not JSON' },
    ]);
  });

  it('is kept when it cannot be put aside, until its number of tries takes it there', async () => {
    queue.putAside = async () => {
      throw awsError('AccessDenied', 'no sqs:SendMessage');
    };
    expect(await settle({ a: poison, b: done })).toEqual(new Set(['a']));
    expect(lines).toEqual([
      expect.objectContaining({ message: 'malformed message could not be put aside', messageId: 'a' }),
    ]);
  });
});
