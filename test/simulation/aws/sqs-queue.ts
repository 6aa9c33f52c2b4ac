/** One standard queue of SQS: at least once, in no order, with receipt handles that change at each receive. */
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Surroundings } from './simulated-service.ts';

/** A message as it is handed out; the fields that the product reads have the product's names for them. */
export interface Received {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly receiveCount: number;
  readonly sentAt: number;
  readonly firstReceivedAt: number;
}

export interface QueueSettings {
  /** Milliseconds. */
  readonly visibilityTimeout: number;
  /** After so many receives a message goes to the dead letters; absent: it stays until its retention ends. */
  readonly redrive?: { readonly maxReceiveCount: number; readonly deadLetters: DeadLetters };
  /** Milliseconds; 4 days by default, 14 at most (SQS quotas). */
  readonly retention?: number;
}

interface Message {
  readonly messageId: string;
  readonly body: string;
  readonly sentAt: number;
  firstReceivedAt: number | undefined;
  receiveCount: number;
  receiptHandle: string | undefined;
  visibleAt: number;
}

const RETENTION = 4 * 24 * 60 * 60 * 1000;
/** A message is hidden for 12 hours at most, counted from its receive (SQS API reference). */
const LONGEST_HIDDEN = 12 * 60 * 60 * 1000;
/** How many visible messages one request chooses from; of more than these, the oldest come first. */
const AT_HAND = 50;

export class SimulatedQueue {
  readonly url: string;
  readonly settings: QueueSettings;
  /** Messages whose retention ended. */
  readonly expired: string[] = [];
  /** Nobody can send to it: its policy is gone, or its key. */
  isDown = false;
  readonly #visible = new Map<string, Message>();
  readonly #hidden = new Map<string, Message>();
  readonly #listeners = new Set<() => void>();
  readonly #world: Surroundings;
  readonly #random: Random;
  readonly #faults: () => Faults;
  #count = 0;

  constructor(url: string, world: Surroundings, random: Random, faults: () => Faults, settings: QueueSettings) {
    this.url = url;
    this.#world = world;
    this.#random = random;
    this.#faults = faults;
    this.settings = settings;
  }

  /** Messages in it, visible or not. */
  get size(): number {
    return this.#visible.size + this.#hidden.size;
  }

  get visible(): number {
    return this.#visible.size;
  }

  /** Calls back whenever a message has become visible; what it returns ends that. */
  whenVisible(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  send(body: string, receiveCount = 0): string {
    const now = this.#world.now();
    const messageId = `m${++this.#count}`;
    const message = { messageId, body, sentAt: now, firstReceivedAt: undefined, receiveCount };
    this.#show({ ...message, receiptHandle: undefined, visibleAt: now });
    return messageId;
  }

  /** Takes some visible messages, in no particular order; those received too often go to the dead letters instead. */
  receive(most: number, visibilityTimeout = this.settings.visibilityTimeout): Received[] {
    const { retention = RETENTION, redrive } = this.settings;
    const now = this.#world.now();
    const taken: Received[] = [];
    for (const message of this.#atHand()) {
      if (taken.length === most) break;
      if (message.sentAt + retention <= now) {
        this.#visible.delete(message.messageId);
        this.expired.push(message.body);
      } else if (redrive && message.receiveCount >= redrive.maxReceiveCount) {
        this.#visible.delete(message.messageId);
        redrive.deadLetters.add({ body: message.body });
      } else taken.push(this.#handOut(message, visibilityTimeout));
    }
    return taken;
  }

  /** A handle of an earlier receive deletes nothing, and says nothing of it (SQS developer guide). */
  delete(receiptHandle: string): void {
    const message = this.#of(receiptHandle);
    if (!message || message.receiptHandle !== receiptHandle) return;
    // At least once: a server that was away when it was deleted hands it out again.
    if (this.#random.chance(this.#faults().twice / 4)) return;
    this.#visible.delete(message.messageId);
    this.#hidden.delete(message.messageId);
  }

  /**
   * @param milliseconds from now on until it is visible again
   * @returns the code of an error, or undefined
   */
  changeVisibility(receiptHandle: string, milliseconds: number): string | undefined {
    const message = this.#of(receiptHandle);
    if (message?.receiptHandle !== receiptHandle) return 'ReceiptHandleIsInvalid';
    if (!this.#hidden.has(message.messageId)) return 'MessageNotInflight';
    if (milliseconds > LONGEST_HIDDEN) return 'InvalidParameterValue';
    this.#hide(message, milliseconds);
    return undefined;
  }

  #atHand(): Message[] {
    const messages: Message[] = [];
    for (const message of this.#visible.values()) if (messages.push(message) === AT_HAND) return messages;
    return messages
      .map((message) => ({ message, place: this.#random.next() }))
      .sort((a, b) => a.place - b.place)
      .map(({ message }) => message);
  }

  #handOut(message: Message, visibilityTimeout: number): Received {
    const now = this.#world.now();
    message.receiveCount++;
    message.firstReceivedAt ??= now;
    message.receiptHandle = `${message.messageId}#${message.receiveCount}`;
    const { messageId, receiptHandle, body, receiveCount, sentAt, firstReceivedAt } = message;
    // Now and then two consumers get one message (at least once).
    if (!this.#random.chance(this.#faults().twice)) this.#hide(message, visibilityTimeout);
    return { messageId, receiptHandle, body, receiveCount, sentAt, firstReceivedAt };
  }

  #of(receiptHandle: string): Message | undefined {
    const messageId = receiptHandle.slice(0, receiptHandle.lastIndexOf('#'));
    return this.#hidden.get(messageId) ?? this.#visible.get(messageId);
  }

  #hide(message: Message, milliseconds: number): void {
    const visibleAt = this.#world.now() + milliseconds;
    message.visibleAt = visibleAt;
    this.#visible.delete(message.messageId);
    this.#hidden.set(message.messageId, message);
    this.#world.after(milliseconds, () => {
      if (this.#hidden.get(message.messageId)?.visibleAt === visibleAt) this.#show(message);
    });
  }

  #show(message: Message): void {
    this.#hidden.delete(message.messageId);
    this.#visible.set(message.messageId, message);
    for (const listener of [...this.#listeners]) listener();
  }
}
