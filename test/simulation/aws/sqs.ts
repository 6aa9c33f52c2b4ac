/** SQS: queues by their URL. */
import type { Random } from '../random.ts';
import { AwsError } from './aws-error.ts';
import type { DeadLetters } from './dead-letters.ts';
import { type Input, Later, type SimulatedService, type Surroundings, unknownOperation } from './simulated-service.ts';
import type { Received, SimulatedQueue } from './sqs-queue.ts';

/** Bytes of a message, attributes included (SQS quotas: 1 MiB since August 2025). */
const MESSAGE_BYTES = 1_048_576;
const MOST_ENTRIES = 10;
const LONGEST_POLL_SECONDS = 20;

interface Entry {
  readonly Id: string;
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout?: number;
}

export class SimulatedSqs implements SimulatedService {
  readonly name = 'sqs';
  readonly queues = new Map<string, SimulatedQueue>();
  readonly deadLetters = new Map<string, DeadLetters>();
  readonly #world: Surroundings;
  readonly #random: Random;

  constructor(world: Surroundings, random: Random) {
    this.#world = world;
    this.#random = random;
  }

  handle(command: string, input: Input): unknown {
    switch (command) {
      case 'ReceiveMessage':
        return this.#receive(this.#queue(input), input);
      case 'ChangeMessageVisibilityBatch':
        return this.#each(input, (queue, { ReceiptHandle, VisibilityTimeout = 0 }) =>
          queue.changeVisibility(ReceiptHandle, VisibilityTimeout * 1000),
        );
      case 'DeleteMessageBatch':
        return this.#each(input, (queue, { ReceiptHandle }) => {
          queue.delete(ReceiptHandle);
          return undefined;
        });
      case 'SendMessage':
        return this.#send(input);
      default:
        throw unknownOperation(command);
    }
  }

  #queue(input: Input): SimulatedQueue {
    const queue = this.queues.get(input['QueueUrl'] as string);
    if (!queue) throw new AwsError('QueueDoesNotExist', `no queue ${input['QueueUrl']}`);
    return queue;
  }

  #receive(queue: SimulatedQueue, input: Input): unknown {
    const most = (input['MaxNumberOfMessages'] as number | undefined) ?? 1;
    const wait = (input['WaitTimeSeconds'] as number | undefined) ?? 0;
    if (most < 1 || most > MOST_ENTRIES) throw new AwsError('InvalidParameterValue', 'MaxNumberOfMessages');
    if (wait < 0 || wait > LONGEST_POLL_SECONDS) throw new AwsError('InvalidParameterValue', 'WaitTimeSeconds');
    const seconds = input['VisibilityTimeout'] as number | undefined;
    const take = (): Received[] => queue.receive(most, seconds === undefined ? undefined : seconds * 1000);
    // A short poll asks some of the servers only, and may find nothing though there is something.
    const found = wait === 0 && this.#random.chance(this.#world.lag() > 0 ? 30 : 0) ? [] : take();
    if (found.length > 0 || wait === 0) return answer(found);
    return new Later((respond) => {
      let isOver = false;
      const end = (messages: Received[]): void => {
        if (isOver) return;
        isOver = true;
        stop();
        respond(answer(messages));
      };
      const stop = queue.whenVisible(() => {
        const messages = isOver ? [] : take();
        if (messages.length > 0) end(messages);
      });
      this.#world.after(wait * 1000, () => end([]));
      return () => {
        isOver = true;
        stop();
      };
    });
  }

  #send(input: Input): unknown {
    const body = input['MessageBody'] as string;
    const attributes = input['MessageAttributes'] as { reason?: { StringValue?: string } } | undefined;
    const reason = attributes?.reason?.StringValue;
    if (Buffer.byteLength(body) + Buffer.byteLength(reason ?? '') > MESSAGE_BYTES) {
      throw new AwsError('InvalidParameterValue', `more than ${MESSAGE_BYTES} bytes`);
    }
    const deadLetters = this.deadLetters.get(input['QueueUrl'] as string);
    if (!deadLetters) return { MessageId: this.#queue(input).send(body) };
    deadLetters.add({ body, ...(reason !== undefined && { reason }) });
    return { MessageId: 'dead' };
  }

  #each(input: Input, act: (queue: SimulatedQueue, entry: Entry) => string | undefined): unknown {
    const queue = this.#queue(input);
    const entries = input['Entries'] as readonly Entry[];
    if (entries.length === 0) throw new AwsError('EmptyBatchRequest');
    if (entries.length > MOST_ENTRIES) throw new AwsError('TooManyEntriesInBatchRequest');
    const results = entries.map((entry) => ({ Id: entry.Id, Code: act(queue, entry) }));
    return {
      Successful: results.filter(({ Code }) => Code === undefined).map(({ Id }) => ({ Id })),
      Failed: results
        .filter(({ Code }) => Code !== undefined)
        .map((it) => ({ ...it, Message: it.Code, SenderFault: true })),
    };
  }
}

const answer = (messages: readonly Received[]) => ({
  ...(messages.length > 0 && {
    Messages: messages.map((message) => ({
      MessageId: message.messageId,
      ReceiptHandle: message.receiptHandle,
      Body: message.body,
      Attributes: {
        ApproximateReceiveCount: String(message.receiveCount),
        SentTimestamp: String(message.sentAt),
        ApproximateFirstReceiveTimestamp: String(message.firstReceivedAt),
      },
    })),
  }),
});
