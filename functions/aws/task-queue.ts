/** The queue of task events, for what did not go well: try a message again sooner, or put it aside. */
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { LazySender } from './clients.ts';

export interface TaskQueue {
  /** Shows a message again after some seconds; without this it would take the queue's whole visibility timeout. */
  retryAfter(receiptHandle: string, seconds: number): Promise<void>;
  /** Puts a message that will never be good into the dead-letter queue, with the reason as an attribute. */
  putAside(body: string, reason: string): Promise<void>;
}

/** Longest value of `reason`; SQS counts attributes into the size of a message. */
const REASON_LENGTH = 1000;

export function createTaskQueue(
  connect: LazySender<SQSClient>,
  { queueUrl, deadLetterQueueUrl }: { readonly queueUrl: string; readonly deadLetterQueueUrl: string },
): TaskQueue {
  return {
    async retryAfter(receiptHandle, seconds) {
      const { ChangeMessageVisibilityCommand } = await import('@aws-sdk/client-sqs');
      await (await connect()).send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: queueUrl,
          ReceiptHandle: receiptHandle,
          VisibilityTimeout: seconds,
        }),
      );
    },
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
