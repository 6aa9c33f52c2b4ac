/** SNS: one standard topic that fans out to queues, raw, at least once and in no order. */
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import { AwsError } from './aws-error.ts';
import { Deliveries } from './deliveries.ts';
import type { Delivery } from './delivery.ts';
import { failed, type Input, type SimulatedService, type Surroundings, unknownOperation } from './simulated-service.ts';
import type { SimulatedQueue } from './sqs-queue.ts';

export interface Subscription {
  readonly queue: SimulatedQueue;
  /** Filter policy on the message attribute `kind`; absent: everything. */
  readonly kinds?: readonly string[];
}

interface Entry {
  readonly Id: string;
  readonly Message: string;
  readonly MessageAttributes?: Readonly<Record<string, { readonly StringValue?: string }>>;
}

/** Amazon SNS API reference, PublishBatch. */
const MOST_ENTRIES = 10;
const BATCH_BYTES = 262_144;
/** Retries of a queue that is down, in milliseconds: at once, then slower, then every 20 s for 23 days (SNS developer guide). */
const RETRY = { first: 1000, longest: 20_000 };
const LATE = 3 * 60 * 1000;

export class SimulatedSns implements SimulatedService {
  readonly name = 'sns';
  readonly #subscriptions = new Map<string, Subscription[]>();
  readonly #random: Random;
  readonly #faults: () => Faults;
  readonly #delivery: Delivery;
  readonly #deliveries: Deliveries;
  /** Called with each message that was taken. */
  onPublish: (body: string, kind: string | undefined) => void = () => {};

  constructor(world: Surroundings, random: Random, faults: () => Faults, delivery: Delivery) {
    this.#random = random;
    this.#faults = faults;
    this.#delivery = delivery;
    this.#deliveries = new Deliveries(world, RETRY);
  }

  /** Copies that are still to be delivered. */
  get underWay(): number {
    return this.#deliveries.underWay;
  }

  subscribe(topicArn: string, subscription: Subscription): void {
    this.#subscriptions.set(topicArn, [...(this.#subscriptions.get(topicArn) ?? []), subscription]);
  }

  handle(command: string, input: Input): unknown {
    if (command !== 'PublishBatch') throw unknownOperation(command);
    const subscriptions = this.#subscriptions.get(input['TopicArn'] as string);
    if (!subscriptions) throw new AwsError('NotFoundException', `no topic ${input['TopicArn']}`);
    const entries = input['PublishBatchRequestEntries'] as readonly Entry[];
    check(entries);
    const refused = entries.filter(() => this.#random.chance(this.#faults().partial));
    for (const entry of entries) if (!refused.includes(entry)) this.#publish(entry, subscriptions);
    const { name: Code, message: Message } = failed('sns');
    return {
      Successful: entries.filter((entry) => !refused.includes(entry)).map(({ Id }) => ({ Id, MessageId: Id })),
      Failed: refused.map(({ Id }) => ({ Id, Code, Message, SenderFault: false })),
    };
  }

  #publish({ Message, MessageAttributes }: Entry, subscriptions: readonly Subscription[]): void {
    const kind = MessageAttributes?.['kind']?.StringValue;
    this.onPublish(Message, kind);
    for (const { queue, kinds } of subscriptions) {
      if (kinds && !(kind !== undefined && kinds.includes(kind))) continue;
      const copies = this.#random.chance(this.#faults().duplicated) ? 2 : 1;
      for (let copy = 0; copy < copies; copy++) this.#deliver(queue, Message);
    }
  }

  #deliver(queue: SimulatedQueue, body: string): void {
    const late = this.#random.chance(this.#faults().late) ? this.#random.int(0, LATE) : 0;
    this.#deliveries.begin(late + this.#random.int(this.#delivery.least, this.#delivery.most), queue, body);
  }
}

function check(entries: readonly Entry[]): void {
  if (entries.length === 0) throw new AwsError('EmptyBatchRequestException');
  if (entries.length > MOST_ENTRIES) throw new AwsError('TooManyEntriesInBatchRequestException');
  if (new Set(entries.map(({ Id }) => Id)).size < entries.length)
    throw new AwsError('BatchEntryIdsNotDistinctException');
  const bytes = entries.reduce((sum, entry) => sum + bytesOf(entry), 0);
  if (bytes > BATCH_BYTES) throw new AwsError('BatchRequestTooLongException', `${bytes} bytes`);
  if (entries.some(({ Message }) => Message === '')) throw new AwsError('InvalidParameterException', 'Empty message');
}

const bytesOf = ({ Message, MessageAttributes = {} }: Entry): number =>
  Buffer.byteLength(Message) +
  Object.entries(MessageAttributes).reduce(
    (sum, [name, { StringValue = '' }]) => sum + Buffer.byteLength(`${name}String${StringValue}`),
    0,
  );
