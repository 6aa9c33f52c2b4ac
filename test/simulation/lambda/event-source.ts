/** Lambda's poller of a queue: gathers messages for a while, invokes, deletes what was not reported as failed. */
import type { Received, SimulatedQueue } from '../aws/sqs-queue.ts';
import type { Surface } from '../surface.ts';
import type { LambdaAccount } from './lambda-account.ts';
import type { Environment, LambdaFunction } from './lambda-function.ts';

export interface EventSourceSettings {
  readonly batchSize: number;
  /** Batching window in milliseconds; needed for batches above ten. */
  readonly window: number;
  /** MaximumConcurrency: 2 to 1,000. */
  readonly maximumConcurrency: number;
}

/** What a handler returns: the messages that SQS must keep (ReportBatchItemFailures). */
export type BatchResult = readonly { readonly itemIdentifier: string }[];

const RECEIVED_AT_ONCE = 10;
/** Bytes of one invocation (AWS Lambda quotas). */
const PAYLOAD_BYTES = 6_000_000;
/** From a visible message to its receive, in milliseconds: pollers always have a long poll open. */
const POLL = { least: 1, most: 20 };

interface Batch {
  readonly messages: Received[];
  bytes: number;
}

export class EventSource<Env extends Environment> {
  readonly #queue: SimulatedQueue;
  readonly #account: LambdaAccount;
  readonly #function: LambdaFunction<Env, readonly Received[], BatchResult>;
  readonly #surface: Surface;
  readonly #settings: EventSourceSettings;
  #gathering: Batch | undefined;
  #invocations = 0;
  #isPolling = false;

  constructor(
    queue: SimulatedQueue,
    account: LambdaAccount,
    target: LambdaFunction<Env, readonly Received[], BatchResult>,
    surface: Surface,
    settings: EventSourceSettings,
  ) {
    if (settings.batchSize > RECEIVED_AT_ONCE && settings.window < 1000)
      throw new Error('a batch above 10 needs a window');
    if (settings.maximumConcurrency < 2) throw new Error('MaximumConcurrency is at least 2');
    this.#queue = queue;
    this.#account = account;
    this.#function = target;
    this.#surface = surface;
    this.#settings = settings;
    queue.whenVisible(() => this.#poll());
  }

  /** Batches that are gathered or handled. */
  get busy(): number {
    return this.#invocations + (this.#gathering ? 1 : 0);
  }

  #poll(): void {
    if (this.#isPolling) return;
    this.#isPolling = true;
    const { scheduler, random } = this.#surface;
    scheduler.after(random.int(POLL.least, POLL.most), () => {
      this.#isPolling = false;
      this.#receive();
    });
  }

  #receive(): void {
    const { batchSize, window, maximumConcurrency } = this.#settings;
    while (this.#invocations < maximumConcurrency) {
      const room = batchSize - (this.#gathering?.messages.length ?? 0);
      const received = this.#queue.receive(Math.min(RECEIVED_AT_ONCE, room));
      if (received.length === 0) break;
      const batch = this.#gathering ?? this.#open(window);
      batch.messages.push(...received);
      batch.bytes += received.reduce((sum, { body }) => sum + Buffer.byteLength(body), 0);
      const isFull = batch.messages.length >= batchSize || batch.bytes + RECEIVED_AT_ONCE * 262_144 > PAYLOAD_BYTES;
      if (isFull || window === 0) this.#flush(batch);
    }
  }

  #open(window: number): Batch {
    const batch: Batch = { messages: [], bytes: 0 };
    this.#gathering = batch;
    if (window > 0) this.#surface.scheduler.after(window, () => this.#flush(batch));
    return batch;
  }

  #flush(batch: Batch): void {
    if (this.#gathering !== batch) return;
    this.#gathering = undefined;
    this.#invocations++;
    this.#account.invoke(this.#function, batch.messages, (ending) => {
      this.#invocations--;
      if (ending.kind === 'done') this.#settle(batch.messages, ending.result);
      this.#poll();
    });
  }

  /** A failure that names no message of the batch makes all of them fail (Lambda developer guide). */
  #settle(messages: readonly Received[], failures: BatchResult): void {
    const failed = new Set(failures.map(({ itemIdentifier }) => itemIdentifier));
    const known = new Set(messages.map(({ messageId }) => messageId));
    if ([...failed].some((id) => !known.has(id))) return;
    for (const { messageId, receiptHandle } of messages) if (!failed.has(messageId)) this.#queue.delete(receiptHandle);
  }
}
