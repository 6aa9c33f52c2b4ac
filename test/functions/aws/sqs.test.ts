import { describe, expect, it } from '@jest/globals';
import { createMessageQueue, messageOf } from '../../../functions/aws/sqs.ts';
import { awsError, fakeClient } from '../../factories/senders.ts';

const URLS = { queueUrl: 'https://sqs/runs', deadLetterQueueUrl: 'https://sqs/dead' };
const queueOf = (answers: Parameters<typeof fakeClient>[0]) => {
  const client = fakeClient(answers);
  return { client, queue: createMessageQueue(async () => client, URLS) };
};
const outcome = (result: PromiseSettledResult<void>): string =>
  result.status === 'rejected' ? String(result.reason) : 'done';

describe('taking messages', () => {
  const Attributes = {
    ApproximateReceiveCount: '3',
    SentTimestamp: '1000',
    ApproximateFirstReceiveTimestamp: '2000',
  };
  const message = { MessageId: 'm', ReceiptHandle: 'r', Body: '{}', Attributes };

  it('takes what is there now, ten at most, with how often and since when it is there', async () => {
    const { client, queue } = queueOf({ ReceiveMessage: (_, call) => (call === 0 ? { Messages: [message] } : {}) });
    expect(await queue.receive()).toEqual([
      { messageId: 'm', receiptHandle: 'r', body: '{}', receiveCount: 3, sentAt: 1000, firstReceivedAt: 2000 },
    ]);
    expect(await queue.receive()).toEqual([]);
    expect(client.sent[0]?.input).toEqual({
      QueueUrl: 'https://sqs/runs',
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp', 'ApproximateFirstReceiveTimestamp'],
    });
  });

  it('waits as long as it is asked to, until it is given up', async () => {
    const { signal } = new AbortController();
    const options: unknown[] = [];
    const client = {
      send: async ({ input }: { input: object }, option?: object) => {
        options.push(input, option);
        return {};
      },
    };
    await createMessageQueue(async () => client as never, URLS).receive({ waitSeconds: 20, signal });
    expect(options).toEqual([expect.objectContaining({ WaitTimeSeconds: 20 }), { abortSignal: signal }]);
  });

  it('counts a message without attributes as new', () => {
    const fields = { messageId: 'm', receiptHandle: 'r', body: '' };
    expect(messageOf(fields, { SentTimestamp: '7' })).toEqual({
      ...fields,
      receiveCount: 1,
      sentAt: 7,
      firstReceivedAt: 7,
    });
  });
});

describe('settling messages', () => {
  it('shows them again after some seconds, ten with a request', async () => {
    const { client, queue } = queueOf({ ChangeMessageVisibilityBatch: () => ({}) });
    await Promise.all(Array.from({ length: 12 }, (_, number) => queue.retryAfter(`receipt ${number}`, number)));
    expect(client.sent.map(({ input }) => (input['Entries'] as object[]).length)).toEqual([10, 2]);
    expect(client.sent[1]?.input).toEqual({
      QueueUrl: 'https://sqs/runs',
      Entries: [
        { Id: '0', ReceiptHandle: 'receipt 10', VisibilityTimeout: 10 },
        { Id: '1', ReceiptHandle: 'receipt 11', VisibilityTimeout: 11 },
      ],
    });
  });

  it('deletes them, and says which of them it could not delete', async () => {
    const Failed = [{ Id: '1', Code: 'ReceiptHandleIsInvalid', Message: 'expired', SenderFault: true }];
    const { client, queue } = queueOf({ DeleteMessageBatch: (_, call) => (call === 0 ? { Failed } : {}) });
    const results = await Promise.allSettled(['a', 'b', 'c'].map((handle) => queue.delete(handle)));
    expect(results.map(outcome)).toEqual(['done', 'ReceiptHandleIsInvalid: expired', 'done']);
    expect(client.calls('DeleteMessageBatch')).toBe(1);
    await queue.delete('b');
    expect(client.calls('DeleteMessageBatch')).toBe(2);
  });

  it('fails for all of a request that fails, and asks again the next time', async () => {
    const { queue } = queueOf({
      DeleteMessageBatch: (_, call) => {
        if (call === 0) throw awsError('ServiceUnavailable', 'try later');
        return {};
      },
    });
    const results = await Promise.allSettled(['a', 'b'].map((handle) => queue.delete(handle)));
    expect(results.map(outcome)).toEqual(['ServiceUnavailable: try later', 'ServiceUnavailable: try later']);
    await queue.delete('a');
  });

  it('puts a message aside as it came, with as much of the reason as is read', async () => {
    const { client, queue } = queueOf({ SendMessage: () => ({}) });
    await queue.putAside('{"the":"body"}', 'not JSON');
    await queue.putAside('', 'x'.repeat(5000));
    expect(client.sent[0]?.input).toEqual({
      QueueUrl: 'https://sqs/dead',
      MessageBody: '{"the":"body"}',
      MessageAttributes: { reason: { DataType: 'String', StringValue: 'not JSON' } },
    });
    expect(client.sent[1]?.input).toMatchObject({ MessageAttributes: { reason: { StringValue: 'x'.repeat(1000) } } });
  });

  it('puts none aside where there is no dead-letter queue', async () => {
    const queue = createMessageQueue(async () => fakeClient({}), { queueUrl: 'https://sqs/runs' });
    await expect(queue.putAside('', 'not JSON')).rejects.toThrow('the queue has no dead-letter queue');
  });
});
