import { describe, expect, it } from '@jest/globals';
import { DeadLetters } from './dead-letters.ts';
import { errorOf, manualWorld } from './manual-world.ts';
import { Later } from './simulated-service.ts';
import { SimulatedSqs } from './sqs.ts';
import { SimulatedQueue } from './sqs-queue.ts';

const QueueUrl = 'https://sqs/one';

function setUp() {
  const world = manualWorld();
  const sqs = new SimulatedSqs(world.around, world.random);
  const deadLetters = new DeadLetters('https://sqs/dead');
  const redrive = { maxReceiveCount: 3, deadLetters };
  const settings = { visibilityTimeout: 30_000, retention: 3_600_000, redrive };
  const queue = new SimulatedQueue(QueueUrl, world.around, world.random, world.faults, settings);
  sqs.queues.set(queue.url, queue);
  sqs.deadLetters.set(deadLetters.url, deadLetters);
  return { world, sqs, queue, deadLetters };
}

describe('a queue', () => {
  it('shows a message again after its visibility timeout, with another receipt handle and the same first receive', () => {
    const { world, queue } = setUp();
    queue.send('a');
    world.pass(5);
    const [first] = queue.receive(10);
    expect(queue.receive(10)).toEqual([]);
    world.pass(30_000);
    const [second] = queue.receive(10);
    expect(second).toMatchObject({ receiveCount: 2, firstReceivedAt: first?.firstReceivedAt, sentAt: first?.sentAt });
    expect(second?.receiptHandle).not.toBe(first?.receiptHandle);
    queue.delete(first?.receiptHandle ?? '');
    expect(queue.size).toBe(1);
    queue.delete(second?.receiptHandle ?? '');
    expect(queue.size).toBe(0);
  });

  it('changes the visibility only of what is in flight, by its newest handle', () => {
    const { world, queue } = setUp();
    queue.send('a');
    const [first] = queue.receive(10);
    const handle = first?.receiptHandle ?? '';
    expect(queue.changeVisibility(handle, 1000)).toBeUndefined();
    world.pass(999);
    expect(queue.visible).toBe(0);
    world.pass(1);
    expect(queue.visible).toBe(1);
    expect(queue.changeVisibility(handle, 1000)).toBe('MessageNotInflight');
    queue.receive(10);
    expect(queue.changeVisibility(handle, 1000)).toBe('ReceiptHandleIsInvalid');
  });

  it('puts what was received too often into the dead letters, and forgets what is too old', () => {
    const { world, queue, deadLetters } = setUp();
    queue.send('a');
    for (let receive = 0; receive < 4; receive++) {
      queue.receive(10);
      world.pass(30_000);
    }
    expect(deadLetters.letters).toEqual([{ body: 'a' }]);
    queue.send('b');
    world.pass(3_600_000);
    expect(queue.receive(10)).toEqual([]);
    expect(queue.expired).toEqual(['b']);
  });

  it('may give one message to two consumers, and bring back what was deleted', () => {
    const { world, queue } = setUp();
    world.fault = { twice: 100 };
    queue.send('a');
    expect([...queue.receive(10), ...queue.receive(10)].map(({ body }) => body)).toEqual(['a', 'a']);
    for (let more = 0; more < 40; more++) queue.send('b');
    for (const { receiptHandle } of queue.receive(41)) queue.delete(receiptHandle);
    expect(queue.size).toBeGreaterThan(0);
    expect(queue.size).toBeLessThan(41);
  });
});

describe('SQS', () => {
  it('answers a long poll as soon as there is something, and an empty one at its end', () => {
    const { world, sqs, queue } = setUp();
    const answers: unknown[] = [];
    const poll = (): unknown =>
      sqs.handle('ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 20 });
    const first = poll();
    if (first instanceof Later) first.wait((answer) => answers.push(answer));
    world.pass(7000);
    queue.send('a');
    expect(answers).toMatchObject([{ Messages: [{ Body: 'a', Attributes: { ApproximateReceiveCount: '1' } }] }]);
    const second = poll();
    if (second instanceof Later) second.wait((answer) => answers.push(answer));
    world.pass(20_000);
    expect(answers[1]).toEqual({});
  });

  it('takes no message for a poll that was given up', () => {
    const { sqs, queue } = setUp();
    const poll = sqs.handle('ReceiveMessage', { QueueUrl, WaitTimeSeconds: 20 });
    if (poll instanceof Later) poll.wait(() => {})();
    queue.send('a');
    expect(queue.visible).toBe(1);
  });

  it('says which entries of a batch failed', () => {
    const { sqs, queue } = setUp();
    queue.send('a');
    const [message] = queue.receive(1);
    const Entries = [
      { Id: '0', ReceiptHandle: message?.receiptHandle, VisibilityTimeout: 5 },
      { Id: '1', ReceiptHandle: 'm1#9', VisibilityTimeout: 5 },
    ];
    expect(sqs.handle('ChangeMessageVisibilityBatch', { QueueUrl, Entries })).toMatchObject({
      Successful: [{ Id: '0' }],
      Failed: [{ Id: '1', Code: 'ReceiptHandleIsInvalid' }],
    });
  });

  it('keeps the reason of a dead letter, and refuses what is too large or unknown', () => {
    const { sqs, deadLetters } = setUp();
    const MessageAttributes = { reason: { DataType: 'String', StringValue: 'nonsense' } };
    sqs.handle('SendMessage', { QueueUrl: deadLetters.url, MessageBody: 'x', MessageAttributes });
    expect(deadLetters.letters).toEqual([{ body: 'x', reason: 'nonsense' }]);
    const large = { QueueUrl, MessageBody: 'x'.repeat(1_048_577) };
    expect(errorOf(() => sqs.handle('SendMessage', large))).toBe('InvalidParameterValue');
    expect(errorOf(() => sqs.handle('ReceiveMessage', { QueueUrl: 'elsewhere' }))).toBe('QueueDoesNotExist');
    const Entries = Array.from({ length: 11 }, (_, id) => ({ Id: String(id), ReceiptHandle: 'm1#1' }));
    expect(errorOf(() => sqs.handle('DeleteMessageBatch', { QueueUrl, Entries }))).toBe('TooManyEntriesInBatchRequest');
  });
});
