/** The topic that carries every change of a target, and the queues of the collectors that subscribe to it. */
import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, Grant, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { SubscriptionFilter, Topic } from 'aws-cdk-lib/aws-sns';
import { SqsSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENVIRONMENT, MESSAGE_KIND } from '../../functions/discovery/names.ts';
import { TARGET_SYNC_ENVIRONMENT } from '../../functions/discovery/target-sync-environment.ts';
import { acknowledge } from './acknowledge.ts';
import type { DiscoveryFunction } from './discovery-function.ts';
import { deadLetterQueue, encryptedQueue } from './encrypted-queue.ts';
import type { GrantTarget } from './grant-target.ts';

export interface TargetsChangedProps {
  readonly deployment: string;
  /** Number of collectors. */
  readonly collectors: number;
}

/** SQS allows 80 characters. */
const queueName = (deployment: string, collector: number): string => `${deployment}-collector-${collector}`;

export class TargetsChanged extends Construct {
  /** Subscribe a queue or function of your own to hear of every change; docs/how-it-works.md has the form. */
  readonly topic: Topic;
  /** One queue for each collector, in their order. */
  readonly queues: readonly Queue[];
  /** Where announcements end that SNS could not deliver. */
  readonly undelivered: Queue;
  readonly #deployment: string;
  readonly #publishers: string[] = [];

  constructor(scope: Construct, id: string, { deployment, collectors }: TargetsChangedProps) {
    super(scope, id);
    this.#deployment = deployment;
    this.undelivered = deadLetterQueue(this, 'Undelivered');
    this.topic = new Topic(this, 'Topic', { enforceSSL: true });
    this.#denyOthers();
    this.queues = Array.from({ length: collectors }, (_, index) => this.#collectorQueue(index));
  }

  /** An announcement decides what a collector connects to, so nobody in the account publishes but our functions. */
  #denyOthers(): void {
    const publishers = Lazy.list({ produce: () => this.#publishers });
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyTheDiscoveryAnnounces',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': publishers } },
      }),
    );
  }

  #collectorQueue(index: number): Queue {
    const queue = encryptedQueue(this, `Collector${index}`, {
      queueName: queueName(this.#deployment, index),
      // What a collector missed for longer, it reads in SSM.
      retentionPeriod: Duration.hours(4),
      visibilityTimeout: Duration.seconds(30),
      receiveMessageWaitTime: Duration.seconds(20),
    });
    acknowledge(queue, {
      'AwsSolutions-SQS3': 'What a collector does not take in time, it reads in SSM.',
    });
    this.#subscribe(queue);
    return queue;
  }

  #subscribe(queue: Queue, kind?: string): void {
    this.topic.addSubscription(
      new SqsSubscription(queue, {
        rawMessageDelivery: true,
        deadLetterQueue: this.undelivered,
        ...(kind !== undefined && {
          filterPolicy: { [MESSAGE_KIND.attribute]: SubscriptionFilter.stringFilter({ allowlist: [kind] }) },
        }),
      }),
    );
  }

  /** Delivers what changed to the queue of a stage; not the notices for those who read the configuration. */
  deliverChanges(queue: Queue): void {
    this.#subscribe(queue, MESSAGE_KIND.changes);
  }

  /** Allows a function to announce. */
  grantPublish(lambda: DiscoveryFunction): Grant {
    const { role } = lambda;
    if (role) this.#publishers.push(role.roleArn);
    lambda.addEnvironment(ENVIRONMENT.topicArn, this.topic.topicArn);
    return Grant.addToPrincipal({
      grantee: lambda as IGrantable,
      actions: ['sns:Publish'],
      resourceArns: [this.topic.topicArn],
    });
  }

  /**
   * Allows a collector to wait for changes on its queue. The queue is named rather than referred to: a reference from
   * another stack would be an export, and CloudFormation would refuse to take a collector away as long as its task
   * definition imports it.
   */
  grantWait(grantee: GrantTarget, collector: number): void {
    if (this.queues[collector] === undefined) {
      throw new Error(
        `There is no collector ${collector}: they are counted from 0, and collectors of the EcsPrometheusDiscovery is ${this.queues.length}.`,
      );
    }
    const { region, account, urlSuffix } = Stack.of(this);
    const name = queueName(this.#deployment, collector);
    grantee.addEnvironment(TARGET_SYNC_ENVIRONMENT.queueUrl, `https://sqs.${region}.${urlSuffix}/${account}/${name}`);
    grantee.addEnvironment(TARGET_SYNC_ENVIRONMENT.collector, `${collector}/${this.queues.length}`);
    Grant.addToPrincipal({
      grantee,
      actions: ['sqs:ReceiveMessage', 'sqs:DeleteMessage'],
      resourceArns: [Stack.of(this).formatArn({ service: 'sqs', resource: name })],
    });
  }
}
