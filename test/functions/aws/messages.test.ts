/** What the Lambdas send: events to target-sync, messages of the queues, invocations, and how they are counted. */
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from '@jest/globals';
import { createCallCounter } from '../../../functions/aws/call-counter.ts';
import { createResumption } from '../../../functions/aws/reinvoke.ts';
import { createTaskQueue } from '../../../functions/aws/sqs.ts';
import { createTargetEvents } from '../../../functions/aws/target-events.ts';
import { fakeClient } from '../../factories/senders.ts';

describe('the event that targets changed', () => {
  const change = { deployment: 'discovery', cluster: 'prod', shards: [{ shard: 3, version: 12 }] };

  it('names deployment, cluster and the new versions', async () => {
    const client = fakeClient({ PutEvents: () => ({ FailedEntryCount: 0, Entries: [{ EventId: 'x' }] }) });
    await createTargetEvents(client).publish(change);
    expect(client.sent.map(({ input }) => input)).toEqual([
      {
        Entries: [
          {
            Source: 'ecs-prometheus-discovery',
            DetailType: 'Scrape Targets Changed',
            Detail: '{"deployment":"discovery","cluster":"prod","shards":[{"shard":3,"version":12}]}',
          },
        ],
      },
    ]);
  });

  it('is not taken for sent when EventBridge answers that it was not', async () => {
    const client = fakeClient({
      PutEvents: () => ({
        FailedEntryCount: 1,
        Entries: [{ ErrorCode: 'InternalFailure', ErrorMessage: 'try later' }],
      }),
    });
    await expect(createTargetEvents(client).publish(change)).rejects.toThrow('PutEvents: InternalFailure try later');
  });
});

describe('the queue of task events', () => {
  const urls = { queueUrl: 'https://sqs/tasks', deadLetterQueueUrl: 'https://sqs/dead' };

  it('takes what is there now, ten at most', async () => {
    const message = { MessageId: 'm', ReceiptHandle: 'r', Body: '{}', Attributes: { ApproximateReceiveCount: '3' } };
    const client = fakeClient({ ReceiveMessage: (_, call) => (call === 0 ? { Messages: [message] } : {}) });
    const queue = createTaskQueue(async () => client, urls);
    expect(await queue.receive()).toEqual([{ messageId: 'm', receiptHandle: 'r', body: '{}', receiveCount: 3 }]);
    expect(await queue.receive()).toEqual([]);
    expect(client.sent[0]?.input).toEqual({
      QueueUrl: 'https://sqs/tasks',
      MaxNumberOfMessages: 10,
      MessageSystemAttributeNames: ['ApproximateReceiveCount'],
    });
  });

  it('shows messages again after some seconds, ten with a request', async () => {
    const client = fakeClient({ ChangeMessageVisibilityBatch: () => ({}) });
    const queue = createTaskQueue(async () => client, urls);
    await Promise.all(Array.from({ length: 12 }, (_, number) => queue.retryAfter(`receipt ${number}`, number)));
    expect(client.sent.map(({ input }) => (input['Entries'] as object[]).length)).toEqual([10, 2]);
    expect(client.sent[1]?.input).toEqual({
      QueueUrl: 'https://sqs/tasks',
      Entries: [
        { Id: '0', ReceiptHandle: 'receipt 10', VisibilityTimeout: 10 },
        { Id: '1', ReceiptHandle: 'receipt 11', VisibilityTimeout: 11 },
      ],
    });
  });

  it('deletes messages, and says which of them it could not delete', async () => {
    const Failed = [{ Id: '1', Code: 'ReceiptHandleIsInvalid', Message: 'expired', SenderFault: true }];
    const client = fakeClient({ DeleteMessageBatch: () => ({ Failed }) });
    const queue = createTaskQueue(async () => client, urls);
    const results = await Promise.allSettled(['a', 'b', 'c'].map((handle) => queue.delete(handle)));
    expect(results.map((result) => (result.status === 'rejected' ? String(result.reason) : 'deleted'))).toEqual([
      'deleted',
      'ReceiptHandleIsInvalid: expired',
      'deleted',
    ]);
    expect(client.calls('DeleteMessageBatch')).toBe(1);
  });

  it('puts a message aside as it came, with the reason beside it, as much of it as is read', async () => {
    const client = fakeClient({ SendMessage: () => ({}) });
    const queue = createTaskQueue(async () => client, urls);
    await queue.putAside('{"the":"body"}', 'not JSON');
    await queue.putAside('', 'x'.repeat(5000));
    expect(client.sent[0]?.input).toEqual({
      QueueUrl: 'https://sqs/dead',
      MessageBody: '{"the":"body"}',
      MessageAttributes: { reason: { DataType: 'String', StringValue: 'not JSON' } },
    });
    expect(client.sent[1]?.input).toMatchObject({ MessageAttributes: { reason: { StringValue: 'x'.repeat(1000) } } });
  });
});

describe('going on in another invocation', () => {
  it('does not wait for it', async () => {
    const client = fakeClient({ Invoke: () => ({ StatusCode: 202 }) });
    await createResumption(async () => client).invoke('resync', { resumeAt: { cluster: 'prod', shard: 7 } });
    expect(client.sent[0]?.input).toEqual({
      FunctionName: 'resync',
      InvocationType: 'Event',
      Payload: '{"resumeAt":{"cluster":"prod","shard":7}}',
    });
  });
});

describe('counting requests', () => {
  it('counts what every client really sends, repetitions too', async () => {
    const counter = createCallCounter();
    const clients = [3, 1].map((requests) => {
      let left = requests;
      return counter.watch(
        new SSMClient({
          region: 'us-east-1',
          credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
          maxAttempts: requests,
          requestHandler: {
            handle: async () => {
              left -= 1;
              const statusCode = left > 0 ? 500 : 200;
              return { response: { statusCode, headers: {}, body: new Uint8Array(Buffer.from('{}')) } as never };
            },
          },
        }),
      );
    });
    expect(counter.total()).toBe(0);
    for (const client of clients) await client.send(new GetParametersCommand({ Names: ['/p'] }));
    expect(counter.total()).toBe(4);
  });
});
