/** A queue, for those who read it: Lambdas beside their event source, and target-sync. */
import type { BatchResultErrorEntry, SQSClient } from '@aws-sdk/client-sqs';
import DataLoader from 'dataloader';
import type { LazySender } from './clients.ts';

/** A message that was handed out; it comes again after the queue's visibility timeout unless it is deleted. */
export interface QueuedMessage {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  /** How often SQS has handed it out, this time included. */
  readonly receiveCount: number;
  /** When the queue took it, in milliseconds since 1970 by the clock of SQS. */
  readonly sentAt: number;
  /** When it was first handed out, by the same clock. */
  readonly firstReceivedAt: number;
}

export interface MessageQueue {
  /** Takes up to ten messages. Without `waitSeconds` those that are there now. */
  receive(options?: { readonly waitSeconds?: number; readonly signal?: AbortSignal }): Promise<QueuedMessage[]>;
  delete(receiptHandle: string): Promise<void>;
  /** Shows a message again after some seconds; without this it would take the queue's whole visibility timeout. */
  retryAfter(receiptHandle: string, seconds: number): Promise<void>;
  /** Puts a message that will never be good into the dead-letter queue, with the reason as an attribute. */
  putAside(body: string, reason: string): Promise<void>;
}

/** Messages of one request (Amazon SQS API reference). */
export const MESSAGES_PER_REQUEST = 10;
/** The longest wait that ReceiveMessage offers (Amazon SQS API reference). */
export const LONG_POLL_SECONDS = 20;
/** Longest value of `reason`; SQS counts attributes into the size of a message. */
const REASON_LENGTH = 1000;

/** The attributes of a message that {@link messageOf} reads. */
const ATTRIBUTES = ['ApproximateReceiveCount', 'SentTimestamp', 'ApproximateFirstReceiveTimestamp'] as const;

/** A message as SQS and Lambda's event source hand it out, but for the spelling of its fields. */
export function messageOf(
  fields: Pick<QueuedMessage, 'messageId' | 'receiptHandle' | 'body'>,
  attributes: { readonly [name in (typeof ATTRIBUTES)[number]]?: string | undefined } = {},
): QueuedMessage {
  const sentAt = Number(attributes.SentTimestamp ?? Date.now());
  return {
    ...fields,
    receiveCount: Number(attributes.ApproximateReceiveCount ?? 1),
    sentAt,
    firstReceivedAt: Number(attributes.ApproximateFirstReceiveTimestamp ?? sentAt),
  };
}

/** Deletions, and new times of messages, that are asked for in the same moment share requests. */
export function createMessageQueue(
  connect: LazySender<SQSClient>,
  { queueUrl, deadLetterQueueUrl }: { readonly queueUrl: string; readonly deadLetterQueueUrl?: string },
): MessageQueue {
  const deletions = together<string>(async (handles) => {
    const { DeleteMessageBatchCommand } = await import('@aws-sdk/client-sqs');
    const Entries = handles.map((ReceiptHandle, index) => ({ Id: String(index), ReceiptHandle }));
    return (await connect()).send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries }));
  });
  const postponements = together<{ receiptHandle: string; seconds: number }>(async (some) => {
    const { ChangeMessageVisibilityBatchCommand } = await import('@aws-sdk/client-sqs');
    const Entries = some.map(({ receiptHandle, seconds }, index) => ({
      Id: String(index),
      ReceiptHandle: receiptHandle,
      VisibilityTimeout: seconds,
    }));
    return (await connect()).send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries }));
  });

  return {
    async receive({ waitSeconds, signal } = {}) {
      const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
      const request = new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: MESSAGES_PER_REQUEST,
        MessageSystemAttributeNames: [...ATTRIBUTES],
        ...(waitSeconds !== undefined && { WaitTimeSeconds: waitSeconds }),
      });
      const { Messages = [] } = await (await connect()).send(request, signal && { abortSignal: signal });
      return Messages.map(({ MessageId = '', ReceiptHandle = '', Body = '', Attributes }) =>
        messageOf({ messageId: MessageId, receiptHandle: ReceiptHandle, body: Body }, Attributes),
      );
    },
    delete: (receiptHandle) => deletions.load(receiptHandle),
    retryAfter: (receiptHandle, seconds) => postponements.load({ receiptHandle, seconds }),
    async putAside(body, reason) {
      if (deadLetterQueueUrl === undefined) throw new Error('the queue has no dead-letter queue');
      const { SendMessageCommand } = await import('@aws-sdk/client-sqs');
      await (await connect()).send(
        new SendMessageCommand({
          QueueUrl: deadLetterQueueUrl,
          MessageBody: body,
          MessageAttributes: { reason: { DataType: 'String', StringValue: reason.slice(0, REASON_LENGTH) } },
        }),
      );
    },
  };
}

/** Gathers what is asked for in one moment into requests for ten messages; each learns how its own went. */
function together<Asked>(
  send: (asked: readonly Asked[]) => Promise<{ readonly Failed?: BatchResultErrorEntry[] | undefined }>,
) {
  return new DataLoader<Asked, void>(
    async (asked) => {
      const { Failed = [] } = await send(asked);
      return asked.map((_, index) => {
        const failed = Failed.find(({ Id }) => Id === String(index));
        return failed && Object.assign(new Error(failed.Message), { name: failed.Code });
      }) as (Error | undefined)[] as Error[];
    },
    { maxBatchSize: MESSAGES_PER_REQUEST, cache: false },
  );
}
