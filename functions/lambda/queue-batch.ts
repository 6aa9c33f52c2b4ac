/** A batch of Lambda's event source, from the messages to what SQS must keep of them. */
import { describeError } from '../aws/errors.ts';
import type { MessageQueue, QueuedMessage } from '../aws/sqs.ts';
import type { Clock } from '../discovery/clock.ts';
import { METRICS } from '../discovery/metric-names.ts';
import type { Report } from './report.ts';

/** What becomes of a message. */
export type Outcome =
  | { readonly kind: 'done' }
  /** Could not be handled now; nothing was lost. */
  | { readonly kind: 'retry'; readonly error: Error }
  /** Handled, and to be looked at once more after some seconds. */
  | { readonly kind: 'later'; readonly seconds: number }
  /** Will never be good. */
  | { readonly kind: 'poison'; readonly reason: string };

export const DONE: Outcome = { kind: 'done' };

export const retry = (error: Error): Outcome => ({ kind: 'retry', error });

export interface BatchParts {
  readonly queue: MessageQueue;
  readonly report: Report;
  readonly clock: Clock;
}

/** What Lambda expects of a function that reports which messages of its batch failed. */
export interface BatchItemFailure {
  readonly itemIdentifier: string;
}

/** Seconds until a message that failed is shown again: 1, 2, 4 … 60. */
const RETRY = { first: 1, longest: 60 };

export const retrySeconds = (receiveCount: number): number =>
  Math.min(RETRY.longest, RETRY.first * 2 ** (receiveCount - 1));

/**
 * Does with each message what its outcome says.
 *
 * @returns the messages that SQS must keep
 */
export async function settle(
  parts: BatchParts,
  messages: readonly QueuedMessage[],
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<QueuedMessage[]> {
  const kept = await Promise.all(
    messages.map(async (message): Promise<QueuedMessage[]> => {
      const outcome = outcomes.get(message.messageId) ?? retry(new Error('the message was not handled'));
      switch (outcome.kind) {
        case 'done':
          return [];
        case 'poison':
          return (await putAside(parts, message, outcome.reason)) ? [] : [message];
        case 'later':
          await showAfter(parts, message, outcome.seconds);
          return [message];
        case 'retry':
          await retryLater(parts, message, outcome.error);
          return [message];
      }
    }),
  );
  return kept.flat();
}

/** Where the dead-letter queue does not take it, the message stays and reaches it by its number of tries. */
async function putAside({ queue, report }: BatchParts, { messageId, body }: QueuedMessage, reason: string) {
  report.count(METRICS.poison, 1, {});
  try {
    await queue.putAside(body, reason);
    report.warn('message put aside in the dead-letter queue', { messageId, reason });
    return true;
  } catch (error) {
    report.warn('malformed message could not be put aside', { messageId, reason, error: describeError(error) });
    return false;
  }
}

async function retryLater(parts: BatchParts, message: QueuedMessage, cause: Error): Promise<void> {
  const { messageId, receiveCount } = message;
  const seconds = retrySeconds(receiveCount);
  parts.report.warn('message is tried again', { messageId, receiveCount, seconds, error: describeError(cause) });
  parts.report.count(METRICS.retried, 1, {});
  await showAfter(parts, message, seconds);
}

async function showAfter({ queue, report }: BatchParts, message: QueuedMessage, seconds: number): Promise<void> {
  const { messageId, receiptHandle } = message;
  try {
    await queue.retryAfter(receiptHandle, seconds);
  } catch (error) {
    report.warn('message comes again only after the visibility timeout', { messageId, error: describeError(error) });
  }
}

/**
 * The same for messages that the function took from the queue itself: nobody else deletes them. If that fails, SQS shows
 * one again; handling it twice is harmless.
 */
export async function settleTaken(
  parts: BatchParts,
  taken: readonly QueuedMessage[],
  outcomes: ReadonlyMap<string, Outcome>,
): Promise<void> {
  const kept = new Set(await settle(parts, taken, outcomes));
  await remove(
    parts,
    taken.filter((message) => !kept.has(message)),
  );
}

async function remove({ queue, report }: BatchParts, messages: readonly QueuedMessage[]): Promise<void> {
  await Promise.all(
    messages.map(async ({ messageId, receiptHandle }) => {
      try {
        await queue.delete(receiptHandle);
      } catch (error) {
        report.warn('a handled message could not be deleted', { messageId, error: describeError(error) });
      }
    }),
  );
}

export const failures = (messages: readonly QueuedMessage[]): BatchItemFailure[] =>
  messages.map(({ messageId }) => ({ itemIdentifier: messageId }));
