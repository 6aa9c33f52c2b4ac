/** Queues as this project makes them: encrypted, and spoken to over TLS alone. */
import { Duration } from 'aws-cdk-lib';
import { Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/**
 * SSE-SQS rather than KMS: EventBridge cannot write to a queue under the AWS-managed KMS key, and a key of our own costs
 * $1 a month without protecting anything more here.
 */
export const encryptedQueue = (
  scope: Construct,
  id: string,
  props: Omit<QueueProps, 'encryption' | 'enforceSSL'> = {},
) => new Queue(scope, id, { ...props, encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true });

/** A queue for what failed, kept as long as SQS allows: a person has two weeks to look at it. */
export function deadLetterQueue(scope: Construct, id: string): Queue {
  const queue = encryptedQueue(scope, id, { retentionPeriod: Duration.days(14) });
  acknowledge(queue, { 'AwsSolutions-SQS3': 'It is a dead-letter queue itself, of EventBridge, Scheduler or Lambda.' });
  return queue;
}
