/** From a task change on ECS to its announcement. */
import { Duration } from 'aws-cdk-lib';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DiscoveryFunction, type FunctionHosting } from '../discovery-function.ts';
import { deadLetterQueue } from '../encrypted-queue.ts';
import { StageQueues } from '../stage-queue.ts';
import type { WatchedCluster } from '../watched-cluster.ts';

/** Longest run of the function; a batch takes two seconds at most, and what it takes beyond itself two more. */
const TIMEOUT = Duration.seconds(30);
/** The most without a batching window, which would be most of the way from an event to a file. */
const BATCH_SIZE = 10;

export interface ObserveProps extends FunctionHosting {
  readonly clusters: readonly WatchedCluster[];
}

export class Observe extends Construct {
  readonly function: DiscoveryFunction;
  /** Tasks that are told to stop: they need no look-up, and never stand behind one. */
  readonly stops: Queue;
  readonly runs: Queue;
  /** Where events end that are malformed, or failed 200 times. */
  readonly deadLetters: Queue;
  /** Where events end that EventBridge could not deliver to a queue. */
  readonly undelivered: Queue;
  readonly rules: readonly Rule[];

  constructor(scope: Construct, id: string, { clusters, ...hosting }: ObserveProps) {
    super(scope, id);
    this.function = new DiscoveryFunction(this, 'Function', {
      entry: 'functions/observe/handler.ts',
      description: 'Looks at ECS tasks that changed, and announces what follows for scrape targets.',
      timeout: TIMEOUT,
      serviceName: 'observe',
      ...hosting,
    });
    const queues = new StageQueues(this, 'Queues', { names: ['Stops', 'Runs'], timeout: TIMEOUT });
    queues.feed(this.function, { batchSize: BATCH_SIZE });
    [this.stops, this.runs] = queues.all as [Queue, Queue];
    this.deadLetters = queues.deadLetters;
    this.undelivered = deadLetterQueue(this, 'Undelivered');
    this.rules = [
      // A stop shows first as desiredStatus STOPPED while lastStatus still says RUNNING.
      this.#rule('StopsRule', 'Tasks that stop', clusters, this.stops, {
        $or: [{ desiredStatus: ['STOPPED'] }, { lastStatus: ['STOPPED'] }],
      }),
      this.#rule('RunsRule', 'Tasks that run', clusters, this.runs, {
        lastStatus: ['RUNNING'],
        desiredStatus: ['RUNNING'],
      }),
    ];
  }

  #rule(id: string, description: string, clusters: readonly WatchedCluster[], queue: Queue, status: object): Rule {
    return new Rule(this, id, {
      description: `${description}, for the discovery of scrape targets.`,
      eventPattern: {
        source: ['aws.ecs'],
        detailType: ['ECS Task State Change'],
        detail: { clusterArn: clusters.map(({ clusterArn }) => clusterArn), ...status },
      },
      targets: [new SqsQueue(queue, { deadLetterQueue: this.undelivered })],
    });
  }
}
