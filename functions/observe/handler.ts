/** Lambda: a batch of "ECS Task State Change" events from the queue. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { createClients, sqsClient } from '../aws/clients.ts';
import { createTaskQueue } from '../aws/sqs.ts';
import { createDependencies } from '../lambda/dependencies.ts';
import { readQueueUrls, readSettings } from '../lambda/environment.ts';
import { handleBatch } from '../lambda/queue-batch.ts';
import { createTelemetry } from '../lambda/telemetry.ts';

const { logger, report } = createTelemetry('task-change');
const deps = createDependencies(createClients(), readSettings(process.env), report);
const queue = createTaskQueue(sqsClient, readQueueUrls(process.env));

/** Left for settling the batch when the work on it has taken all its time. */
const RESERVE_MILLISECONDS = 5000;

async function handle({ Records }: SQSEvent, context: Context): Promise<SQSBatchResponse> {
  const deadline = Date.now() + context.getRemainingTimeInMillis() - RESERVE_MILLISECONDS;
  return { batchItemFailures: await handleBatch({ ...deps, queue }, Records.map(toMessage), deadline) };
}

const toMessage = ({ messageId, receiptHandle, body, attributes }: SQSRecord) => ({
  messageId,
  receiptHandle,
  body,
  receiveCount: Number(attributes.ApproximateReceiveCount),
});

export const handler = middy(handle).use(injectLambdaContext(logger));
