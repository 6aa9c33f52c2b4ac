/** The SQS queue on which a collector's target-sync hears which shards changed. */
import * as z from 'zod/mini';
import type { JsonService } from './json-service.ts';

/** A message; it comes again unless it is deleted. */
export interface QueueMessage {
  readonly receipt: string;
  readonly body: string;
  /** Milliseconds since 1970 at which the queue took it. */
  readonly sentAt: number;
  /** How often it has been handed out, this time included. */
  readonly receives: number;
}

export interface ChangeQueue {
  /** Waits up to {@link LONG_POLL_SECONDS} for messages, {@link MESSAGES_PER_RECEIVE} at most. */
  receive(signal: AbortSignal): Promise<QueueMessage[]>;
  delete(messages: readonly QueueMessage[]): Promise<void>;
  /** Lets messages come again after some seconds. */
  postpone(messages: readonly { readonly message: QueueMessage; readonly seconds: number }[]): Promise<void>;
}

/** The longest wait and the largest batch that SQS offers (Amazon SQS API reference, ReceiveMessage). */
export const LONG_POLL_SECONDS = 20;
export const MESSAGES_PER_RECEIVE = 10;

const LONG_POLL_TIMEOUT = (LONG_POLL_SECONDS + 5) * 1000;

const received = z.object({
  Messages: z.nullish(
    z.array(
      z.object({
        ReceiptHandle: z.string(),
        Body: z.string(),
        Attributes: z.optional(z.record(z.string(), z.string())),
      }),
    ),
  ),
});

const batchResult = z.object({ Failed: z.nullish(z.array(z.object({ Code: z.string() }))) });

export function createChangeQueue(sqs: JsonService, queueUrl: string): ChangeQueue {
  async function batch(operation: string, entries: readonly object[]): Promise<void> {
    if (entries.length === 0) return;
    const Entries = entries.map((entry, index) => ({ Id: String(index), ...entry }));
    const { Failed } = batchResult.parse(await sqs(operation, { QueueUrl: queueUrl, Entries }));
    const codes = new Set((Failed ?? []).map(({ Code }) => Code));
    // A message that could not be deleted or postponed comes again, which is what happens to any other.
    if (codes.size > 0) throw new Error(`${operation} failed for some messages: ${[...codes].join(', ')}`);
  }

  return {
    async receive(signal) {
      const request = {
        QueueUrl: queueUrl,
        MaxNumberOfMessages: MESSAGES_PER_RECEIVE,
        WaitTimeSeconds: LONG_POLL_SECONDS,
        MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
      };
      const answer = received.parse(await sqs('ReceiveMessage', request, { signal, timeout: LONG_POLL_TIMEOUT }));
      return (answer.Messages ?? []).map(({ ReceiptHandle, Body, Attributes }) => ({
        receipt: ReceiptHandle,
        body: Body,
        sentAt: Number(Attributes?.['SentTimestamp'] ?? Date.now()),
        receives: Number(Attributes?.['ApproximateReceiveCount'] ?? 1),
      }));
    },
    delete: (messages) =>
      batch(
        'DeleteMessageBatch',
        messages.map(({ receipt }) => ({ ReceiptHandle: receipt })),
      ),
    postpone: (messages) =>
      batch(
        'ChangeMessageVisibilityBatch',
        messages.map(({ message, seconds }) => ({ ReceiptHandle: message.receipt, VisibilityTimeout: seconds })),
      ),
  };
}
