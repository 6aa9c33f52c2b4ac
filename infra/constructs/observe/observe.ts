/** From a task change on ECS to the Lambda that looks at the task again. */
import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENVIRONMENT } from '../../../functions/discovery/names.ts';
import { DiscoveryFunction } from '../discovery-function.ts';
import { deadLetterQueue, encryptedQueue } from '../encrypted-queue.ts';
import type { WatchedCluster } from '../watched-cluster.ts';

/** Longest run of the function; a batch takes a second or two. */
const TIMEOUT = Duration.seconds(30);
/** How long Lambda gathers events into a batch. Batches above 10 need at least a second. */
const BATCHING_WINDOW = Duration.seconds(1);
/** Events of one batch, well within the 6 MB of an invocation (an event takes 2 to 5 KB); a large batch takes more itself. */
const BATCH_SIZE = 1000;

export interface TaskChangeProps {
  readonly clusters: readonly WatchedCluster[];
  readonly logRetention: RetentionDays;
}

export class TaskChange extends Construct {
  readonly function: DiscoveryFunction;
  readonly queue: Queue;
  /** Where messages end that the function could not handle, by their content or after ten tries. */
  readonly deadLetters: Queue;
  /** Where events end that EventBridge could not deliver to the queue. */
  readonly undelivered: Queue;
  /** Passes on the task changes that can matter. */
  readonly rule: Rule;

  constructor(scope: Construct, id: string, { clusters, logRetention }: TaskChangeProps) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters');
    this.undelivered = deadLetterQueue(this, 'Undelivered');
    this.queue = encryptedQueue(this, 'Queue', {
      retentionPeriod: Duration.days(4),
      // AWS: six times the function's timeout, and the window on top.
      visibilityTimeout: Duration.seconds(TIMEOUT.toSeconds() * 6 + BATCHING_WINDOW.toSeconds()),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 10 },
    });

    this.rule = new Rule(this, 'Rule', {
      description: 'Tasks that run, and tasks that are told to stop: all that can change a scrape target.',
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Task State Change'],
        detail: {
          clusterArn: clusters.map(({ clusterArn }) => clusterArn),
          // A stop shows first as desiredStatus STOPPED while lastStatus still says RUNNING.
          $or: [{ lastStatus: ['RUNNING'] }, { desiredStatus: ['STOPPED'] }],
        },
      },
      targets: [new SqsQueue(this.queue, { deadLetterQueue: this.undelivered })],
    });

    this.function = new DiscoveryFunction(this, 'Function', {
      entry: 'functions/observe/handler.ts',
      description: 'Turns ECS task changes into Cloud Map instances and scrape targets.',
      timeout: TIMEOUT,
      serviceName: 'task-change',
      logRetention,
    });
    this.function.addEventSource(
      new SqsEventSource(this.queue, {
        batchSize: BATCH_SIZE,
        maxBatchingWindow: BATCHING_WINDOW,
        // The least that Lambda allows: fewer writers race on a shard.
        maxConcurrency: 2,
        reportBatchItemFailures: true,
      }),
    );
    this.#grantRetryAndReject();
  }

  /** A record that cannot be handled now comes back later, one that never can goes to the dead letters with the reason. */
  #grantRetryAndReject(): void {
    this.function.addEnvironment(ENVIRONMENT.taskChangeQueueUrl, this.queue.queueUrl);
    this.function.addEnvironment(ENVIRONMENT.deadLetterQueueUrl, this.deadLetters.queueUrl);
    Grant.addToPrincipal({
      grantee: this.function,
      actions: ['sqs:SendMessage'],
      resourceArns: [this.deadLetters.queueArn],
    });
    // What it does with the queue itself, receiving, deleting and postponing, comes with the event source.
  }
}
