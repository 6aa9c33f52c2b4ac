/** An SQS queue with its dead-letter queue, as far as a Lambda's event source and its settling of a batch use it. */
import type { Random } from '../random.ts';
import { AwsError } from './aws-error.ts';
import type { Input, SimulatedService, Surroundings } from './simulated-service.ts';

export interface Message {
  readonly messageId: string;
  readonly body: string;
  readonly sentAt: number;
  receiveCount: number;
  visibleAt: number;
}

export interface DeadLetter {
  readonly body: string;
  /** Absent where the number of tries brought it here. */
  readonly reason?: string;
}

export interface QueueSettings {
  /** Milliseconds. */
  readonly visibilityTimeout: number;
  readonly maxReceiveCount: number;
}

export const QUEUE_URL = 'https://sqs/task-change';
export const DEAD_LETTER_QUEUE_URL = 'https://sqs/task-change-dead-letters';

/** How many visible messages one request chooses from; of more than these, the oldest come first. */
const AT_HAND = 50;

interface Entry {
  readonly Id: string;
  readonly ReceiptHandle: string;
  readonly VisibilityTimeout?: number;
}

export class SimulatedSqs implements SimulatedService {
  readonly #messages = new Map<string, Message>();
  readonly #world: Surroundings;
  readonly #settings: QueueSettings;
  readonly #random: Random;
  readonly deadLetters: DeadLetter[] = [];
  /** Called when a message is, or will be, visible at a time. */
  onVisible: (time: number) => void = () => {};
  onDeadLetter: (letter: DeadLetter) => void = () => {};
  #count = 0;

  constructor(world: Surroundings, random: Random, settings: QueueSettings) {
    this.#world = world;
    this.#random = random;
    this.#settings = settings;
  }

  get size(): number {
    return this.#messages.size;
  }

  send(body: string, receiveCount = 0): void {
    const now = this.#world.now();
    const messageId = `m${++this.#count}`;
    this.#messages.set(messageId, { messageId, body, sentAt: now, receiveCount, visibleAt: now });
    this.onVisible(now);
  }

  /** Takes some visible messages, in no particular order; those tried too often go to the dead letters instead. */
  receive(most: number): Message[] {
    const now = this.#world.now();
    const visible: Message[] = [];
    for (const message of this.#messages.values()) {
      if (message.visibleAt <= now && visible.push(message) === AT_HAND) break;
    }
    if (visible.length < AT_HAND) visible.sort(() => (this.#random.chance(50) ? 1 : -1));
    const taken: Message[] = [];
    for (const message of visible) {
      if (taken.length === most) break;
      if (message.receiveCount >= this.#settings.maxReceiveCount) {
        this.#bury(message);
        continue;
      }
      message.receiveCount++;
      message.visibleAt = now + this.#settings.visibilityTimeout;
      this.onVisible(message.visibleAt);
      taken.push(message);
    }
    return taken;
  }

  /** Also where it is deleted already. */
  delete(messageId: string): true {
    this.#messages.delete(messageId);
    return true;
  }

  /** Hides a message for some milliseconds from now; false where there is none. */
  postpone(messageId: string, milliseconds: number): boolean {
    const message = this.#messages.get(messageId);
    if (!message) return false;
    message.visibleAt = this.#world.now() + milliseconds;
    this.onVisible(message.visibleAt);
    return true;
  }

  handle(command: string, input: Input): unknown {
    switch (command) {
      case 'ReceiveMessage':
        return {
          Messages: this.receive(input['MaxNumberOfMessages'] as number).map((message) => ({
            MessageId: message.messageId,
            ReceiptHandle: message.messageId,
            Body: message.body,
            Attributes: { ApproximateReceiveCount: String(message.receiveCount) },
          })),
        };
      case 'ChangeMessageVisibilityBatch':
        return this.#each(input, ({ ReceiptHandle, VisibilityTimeout = 0 }) =>
          this.postpone(ReceiptHandle, VisibilityTimeout * 1000),
        );
      case 'DeleteMessageBatch':
        return this.#each(input, ({ ReceiptHandle }) => this.delete(ReceiptHandle));
      case 'SendMessage': {
        if (input['QueueUrl'] !== DEAD_LETTER_QUEUE_URL) throw new AwsError('QueueDoesNotExist');
        const attributes = input['MessageAttributes'] as { reason?: { StringValue?: string } } | undefined;
        const reason = attributes?.reason?.StringValue;
        this.#deadLetter({ body: input['MessageBody'] as string, ...(reason !== undefined && { reason }) });
        return { MessageId: 'dead' };
      }
      default:
        throw new AwsError('UnknownOperation', command);
    }
  }

  #each(input: Input, act: (entry: Entry) => boolean): unknown {
    if (input['QueueUrl'] !== QUEUE_URL) throw new AwsError('QueueDoesNotExist');
    const entries = input['Entries'] as readonly Entry[];
    if (entries.length > 10) throw new AwsError('TooManyEntriesInBatchRequest');
    return { Failed: entries.filter((entry) => !act(entry)).map(({ Id }) => ({ Id, Code: 'ReceiptHandleIsInvalid' })) };
  }

  #bury({ messageId, body }: Message): void {
    this.#messages.delete(messageId);
    this.#deadLetter({ body });
  }

  #deadLetter(letter: DeadLetter): void {
    this.deadLetters.push(letter);
    this.onDeadLetter(letter);
  }
}
