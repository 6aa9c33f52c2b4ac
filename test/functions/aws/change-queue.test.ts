import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type ChangeQueue, createChangeQueue, LONG_POLL_SECONDS } from '../../../functions/aws/change-queue.ts';
import { createJsonService } from '../../../functions/aws/json-service.ts';
import { systemClock } from '../../../functions/aws/system-clock.ts';
import { type FakeAws, startFakeAws } from '../../containers/target-sync/fake-aws.ts';

let aws: FakeAws;
let queue: ChangeQueue;
const { signal } = new AbortController();

beforeEach(async () => {
  aws = await startFakeAws('discovery');
  const sqs = createJsonService({
    service: 'sqs',
    target: 'AmazonSQS',
    protocol: '1.0',
    region: 'us-east-1',
    endpoint: new URL(aws.endpoint),
    credentials: async () => ({ accessKeyId: 'test', secretAccessKey: 'test' }),
    clock: systemClock,
  });
  queue = createChangeQueue(sqs, aws.queueUrl);
});

afterEach(() => aws.stop());

describe('the queue of changes', () => {
  it('hands out at most ten messages, with when they were sent and how often they came', async () => {
    for (let number = 0; number < 12; number += 1) aws.send(String(number));
    const messages = await queue.receive(signal);
    expect(messages.map(({ body }) => body)).toEqual(['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']);
    expect(messages.every(({ receives, sentAt }) => receives === 1 && Date.now() - sentAt < 1000)).toBe(true);
  });

  it('answers a message as soon as it is sent', async () => {
    const receiving = queue.receive(signal);
    await new Promise((elapsed) => setTimeout(elapsed, 50));
    const sent = performance.now();
    aws.send('now');
    expect(await receiving).toHaveLength(1);
    // Long before the poll ends by itself.
    expect(performance.now() - sent).toBeLessThan((LONG_POLL_SECONDS * 1000) / 5);
  });

  it('forgets what is deleted and gives again what is postponed', async () => {
    aws.send('done');
    aws.send('later');
    const messages = await queue.receive(signal);
    await queue.delete(messages.filter(({ body }) => body === 'done'));
    await queue.postpone(messages.filter(({ body }) => body === 'later').map((message) => ({ message, seconds: 1 })));
    expect(await queue.receive(signal)).toMatchObject([{ body: 'later', receives: 2 }]);
    expect(aws.waiting()).toBe(1);
  });

  it('is not called for nothing', async () => {
    await queue.delete([]);
    await queue.postpone([]);
    expect(aws.calls).toEqual([]);
  });

  it('says which messages it could not delete, by their reason', async () => {
    const sqs = async () => ({ Failed: [{ Id: '0', Code: 'ReceiptHandleIsInvalid' }] });
    const message = { receipt: 'r', body: '', sentAt: 0, receives: 1 };
    await expect(createChangeQueue(sqs, aws.queueUrl).delete([message])).rejects.toThrow(
      'DeleteMessageBatch failed for some messages: ReceiptHandleIsInvalid',
    );
  });
});
