/** The queue in front of a stage, and what reads it: its own retries, its own dead letters. */
import { Duration, Names } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../functions/discovery/names.ts';
import type { DiscoveryFunction } from './discovery-function.ts';
import { deadLetterQueue, encryptedQueue } from './encrypted-queue.ts';

export interface Feeding {
  /** Messages of one batch; above 10 Lambda asks for a window of at least a second. */
  readonly batchSize: number;
  /**
   * How long Lambda gathers messages into a batch.
   * @default - not at all
   */
  readonly window?: Duration;
}

/**
 * Batches at once from one queue: the least that Lambda allows. All stages together stay below 10, which is all that a new
 * account has.
 */
const CONCURRENCY = 2;

/**
 * How often a message is shown before SQS takes it for one that will never be good. A message that fails is shown again
 * within a minute, so that an outage of three hours empties nothing into the dead letters; what is malformed, the stage
 * puts aside by itself, with the reason.
 */
const MAX_RECEIVES = 200;

/** What Lambda's pollers need (Lambda developer guide), and what the function itself does with messages. */
const READS = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', 'sqs:ChangeMessageVisibility'];

export class StageQueues extends Construct {
  /** Where messages of all of them end that the stage will never handle. */
  readonly deadLetters: Queue;
  readonly all: readonly Queue[];

  /** @param names of the queues, as construct ids */
  constructor(
    scope: Construct,
    id: string,
    { names, timeout }: { readonly names: string[]; readonly timeout: Duration },
  ) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters');
    this.all = names.map((name) =>
      encryptedQueue(this, name, {
        retentionPeriod: Duration.days(4),
        // AWS: six times the function's timeout, and the window on top.
        visibilityTimeout: Duration.seconds(timeout.toSeconds() * 6 + 30),
        deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
      }),
    );
  }

  /**
   * Lets a function read the queues, and put aside what will never be good. Not by CDK's `SqsEventSource`, which also allows
   * `sqs:GetQueueUrl`.
   */
  feed(lambda: DiscoveryFunction, { batchSize, window }: Feeding): void {
    for (const queue of this.all) {
      lambda.addEventSourceMapping(`SqsEventSource:${Names.nodeUniqueId(queue.node)}`, {
        eventSourceArn: queue.queueArn,
        batchSize,
        ...(window !== undefined && { maxBatchingWindow: window }),
        maxConcurrency: CONCURRENCY,
        reportBatchItemFailures: true,
      });
    }
    lambda.addEnvironment(ENVIRONMENT.queueUrls, this.all.map(({ queueUrl }) => queueUrl).join(','));
    lambda.addEnvironment(ENVIRONMENT.deadLetterQueueUrl, this.deadLetters.queueUrl);
    Grant.addToPrincipal({ grantee: lambda, actions: READS, resourceArns: this.all.map(({ queueArn }) => queueArn) });
    Grant.addToPrincipal({
      grantee: lambda,
      actions: ['sqs:SendMessage'],
      resourceArns: [this.deadLetters.queueArn],
    });
  }
}
