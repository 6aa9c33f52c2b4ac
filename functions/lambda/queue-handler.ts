/** The Lambda of a stage that reads queues: parses what the event source hands over, calls, answers. */

import type { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { sqsClient } from '../aws/clients.ts';
import { createMessageQueue, type MessageQueue, messageOf, type QueuedMessage } from '../aws/sqs.ts';
import { readQueueUrls } from './environment.ts';
import type { BatchItemFailure } from './queue-batch.ts';

/**
 * @param messages of one queue
 * @param deadline milliseconds since 1970 at which the work should end
 */
type BatchHandler = (
  queue: MessageQueue,
  messages: readonly QueuedMessage[],
  deadline: number,
) => Promise<BatchItemFailure[]>;

/** Left for settling the batch when the work on it has taken all its time, in milliseconds. */
const RESERVE = 5000;

export function queueHandler(logger: Logger, handleBatch: BatchHandler) {
  const queues = new Map<string, MessageQueue>();
  const queueOf = (arn: string): MessageQueue => {
    const queue = queues.get(arn) ?? createMessageQueue(sqsClient, readQueueUrls(process.env, arn));
    queues.set(arn, queue);
    return queue;
  };
  const handle = async ({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
    const deadline = Date.now() + context.getRemainingTimeInMillis() - RESERVE;
    const [first] = Records;
    if (!first) return { batchItemFailures: [] };
    return { batchItemFailures: await handleBatch(queueOf(first.eventSourceARN), Records.map(toMessage), deadline) };
  };
  return middy(handle).use(injectLambdaContext(logger));
}

const toMessage = ({ messageId, receiptHandle, body, attributes }: SQSRecord): QueuedMessage =>
  messageOf({ messageId, receiptHandle, body }, attributes);
