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

export const QUEUE_URL = 'https://sqs/task-change';
export const DEAD_LETTER_QUEUE_URL = 'https://sqs/task-change-dead-letters';

export class SimulatedSqs implements SimulatedService {
  readonly #messages = new Map<string, Message>();
  readonly #world: Surroundings;
  readonly #maxReceiveCount: number;
  readonly #random: Random;
  readonly deadLetters: DeadLetter[] = [];
  /** Called when a message is, or will be, visible at a time. */
  onVisible: (time: number) => void = () => {};
  onDeadLetter: (letter: DeadLetter) => void = () => {};
  #count = 0;

  constructor(world: Surroundings, random: Random, { maxReceiveCount }: { readonly maxReceiveCount: number }) {
    this.#world = world;
    this.#random = random;
    this.#maxReceiveCount = maxReceiveCount;
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
  receive(most: number, visibilityTimeout: number): Message[] {
    const now = this.#world.now();
    const visible = [...this.#messages.values()].filter(({ visibleAt }) => visibleAt <= now);
    if (visible.length < 50) visible.sort(() => (this.#random.chance(50) ? 1 : -1));
    const taken: Message[] = [];
    for (const message of visible) {
      if (taken.length === most) break;
      if (message.receiveCount >= this.#maxReceiveCount) {
        this.#bury(message);
        continue;
      }
      message.receiveCount++;
      message.visibleAt = now + visibilityTimeout;
      this.onVisible(message.visibleAt);
      taken.push(message);
    }
    return taken;
  }

  delete(messageId: string): void {
    this.#messages.delete(messageId);
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
      case 'ChangeMessageVisibility': {
        const isKnown = this.postpone(input['ReceiptHandle'] as string, (input['VisibilityTimeout'] as number) * 1000);
        if (input['QueueUrl'] !== QUEUE_URL || !isKnown) throw new AwsError('ReceiptHandleIsInvalid');
        return {};
      }
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

  #bury({ messageId, body }: Message): void {
    this.#messages.delete(messageId);
    this.#deadLetter({ body });
  }

  #deadLetter(letter: DeadLetter): void {
    this.deadLetters.push(letter);
    this.onDeadLetter(letter);
  }
}
