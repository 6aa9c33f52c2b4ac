/** The queue of task events, beyond what Lambda's event source does: take more of it, try again sooner, put aside. */
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
}

export interface TaskQueue {
  /** Takes up to ten messages that are there now, none where there are none. */
  receive(): Promise<QueuedMessage[]>;
  /** Deletes a message that {@link receive} took. */
  delete(receiptHandle: string): Promise<void>;
  /** Shows a message again after some seconds; without this it would take the queue's whole visibility timeout. */
  retryAfter(receiptHandle: string, seconds: number): Promise<void>;
  /** Puts a message that will never be good into the dead-letter queue, with the reason as an attribute. */
  putAside(body: string, reason: string): Promise<void>;
}

/** Messages of one request (Amazon SQS API reference). */
const PER_REQUEST = 10;
/** Longest value of `reason`; SQS counts attributes into the size of a message. */
const REASON_LENGTH = 1000;

/** Deletions, and new times of messages, that are asked for in the same moment share requests. */
export function createTaskQueue(
  connect: LazySender<SQSClient>,
  { queueUrl, deadLetterQueueUrl }: { readonly queueUrl: string; readonly deadLetterQueueUrl: string },
): TaskQueue {
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
    async receive() {
      const { ReceiveMessageCommand } = await import('@aws-sdk/client-sqs');
      const { Messages = [] } = await (await connect()).send(
        new ReceiveMessageCommand({
          QueueUrl: queueUrl,
          MaxNumberOfMessages: PER_REQUEST,
          MessageSystemAttributeNames: ['ApproximateReceiveCount'],
        }),
      );
      return Messages.map(({ MessageId = '', ReceiptHandle = '', Body = '', Attributes = {} }) => ({
        messageId: MessageId,
        receiptHandle: ReceiptHandle,
        body: Body,
        receiveCount: Number(Attributes.ApproximateReceiveCount ?? 1),
      }));
    },
    delete: (receiptHandle) => deletions.load(receiptHandle),
    retryAfter: (receiptHandle, seconds) => postponements.load({ receiptHandle, seconds }),
    async putAside(body, reason) {
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

/** Gathers what is asked for in one moment into requests for ten messages; each is told how its own went. */
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
    { maxBatchSize: PER_REQUEST, cache: false },
  );
}
