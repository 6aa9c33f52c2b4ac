/** How collectors hear of new targets: an event after each write of a shard, and a queue for each collector. */
import { Duration, Stack } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENVIRONMENT, TARGETS_CHANGED } from '../../functions/discovery/names.ts';
import { acknowledge } from './acknowledge.ts';
import { deadLetterQueue, encryptedQueue } from './encrypted-queue.ts';
import type { Recipient } from './grant-target.ts';

export interface TargetsChangedProps {
  readonly deployment: string;
  /** Number of collectors. */
  readonly collectors: number;
}

/** SQS allows 80 characters. */
const queueName = (deployment: string, collector: number): string => `${deployment}-collector-${collector}`;

export class TargetsChanged extends Construct {
  /** One queue for each collector, in their order. */
  readonly queues: readonly Queue[];
  /** Where events end that EventBridge could not deliver. */
  readonly deadLetters: Queue;
  readonly #deployment: string;

  constructor(scope: Construct, id: string, { deployment, collectors }: TargetsChangedProps) {
    super(scope, id);
    this.#deployment = deployment;
    this.deadLetters = deadLetterQueue(this, 'DeadLetters');
    this.queues = Array.from({ length: collectors }, (_, index) => this.#queue(index));
    // EventBridge allows five targets a rule.
    for (let first = 0; first < collectors; first += 5) {
      new Rule(this, first === 0 ? 'Rule' : `Rule${first / 5}`, {
        description: `Tells the collectors of ${deployment} which shards of targets changed.`,
        eventPattern: {
          source: [TARGETS_CHANGED.source],
          detailType: [TARGETS_CHANGED.detailType],
          detail: { deployment: [deployment] },
        },
        targets: this.queues
          .slice(first, first + 5)
          .map((queue) => new SqsQueue(queue, { deadLetterQueue: this.deadLetters, retryAttempts: 20 })),
      });
    }
  }

  #queue(index: number): Queue {
    // An event only says "read again": what a collector missed for an hour, its next refresh has long seen.
    const queue = encryptedQueue(this, `Collector${index}`, {
      queueName: queueName(this.#deployment, index),
      retentionPeriod: Duration.hours(1),
      visibilityTimeout: Duration.seconds(30),
      receiveMessageWaitTime: Duration.seconds(20),
    });
    acknowledge(queue, {
      'AwsSolutions-SQS3': 'What a collector does not take in time, its next refresh makes up for.',
    });
    return queue;
  }

  /** Allows to say that targets changed: only under this project's source, on the default bus. */
  grantPublish(recipient: Recipient): Grant {
    return Grant.addToPrincipal({
      grantee: recipient,
      actions: ['events:PutEvents'],
      resourceArns: [Stack.of(this).formatArn({ service: 'events', resource: 'event-bus', resourceName: 'default' })],
      // One request may hold events of several sources, so the key has a set of values.
      conditions: { 'ForAllValues:StringEquals': { 'events:source': TARGETS_CHANGED.source } },
    });
  }

  /**
   * Allows a collector to wait for changes on its queue. The queue is named rather than referred to: a reference from
   * another stack would be an export, and CloudFormation would refuse to take a collector away as long as its task
   * definition imports it.
   */
  grantWait(recipient: Recipient, collector: number): void {
    if (this.queues[collector] === undefined) {
      throw new Error(`There is no collector ${collector}: collectors is ${this.queues.length}`);
    }
    const { region, account, urlSuffix } = Stack.of(this);
    const name = queueName(this.#deployment, collector);
    recipient.addEnvironment(ENVIRONMENT.targetSyncQueueUrl, `https://sqs.${region}.${urlSuffix}/${account}/${name}`);
    recipient.addEnvironment(ENVIRONMENT.targetSyncCollector, `${collector}/${this.queues.length}`);
    Grant.addToPrincipal({
      grantee: recipient,
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:ChangeMessageVisibility'],
      resourceArns: [Stack.of(this).formatArn({ service: 'sqs', resource: name })],
    });
  }
}
