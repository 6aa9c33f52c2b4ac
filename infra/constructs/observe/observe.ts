/** From a task change on ECS to its announcement. */
import { Duration } from 'aws-cdk-lib';
import { type EventPattern, type IEventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DiscoveryFunction, type FunctionHosting } from '../discovery-function.ts';
import { deadLetterQueue } from '../encrypted-queue.ts';
import { StageQueues } from '../stage-queues.ts';
import type { WatchedCluster } from '../watched-cluster.ts';
import { RUNNING, STOPPING, taskChanges } from './task-changes.ts';

/** Longest run of the function; a batch takes two seconds at most, and what it takes beyond itself two more. */
const TIMEOUT = Duration.seconds(30);
/** The most without a batching window, which would be most of the way from an event to a file. */
const BATCH_SIZE = 10;

export interface ObserveProps extends FunctionHosting {
  readonly clusters: readonly WatchedCluster[];
  /**
   * Where events of clusters elsewhere come.
   * @default - there are no such clusters
   */
  readonly sourcesBus?: IEventBus | undefined;
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

  constructor(scope: Construct, id: string, { clusters, sourcesBus, ...hosting }: ObserveProps) {
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
    const here = clusters.filter(({ elsewhere }) => elsewhere === undefined);
    const elsewhere = clusters.filter((cluster) => cluster.elsewhere !== undefined);
    const account = [...new Set(elsewhere.map((cluster) => cluster.elsewhere?.account ?? ''))];
    const forwarded = (status: object): EventPattern => ({ account, ...taskChanges(elsewhere, status) });
    this.rules = [
      ...(here.length > 0
        ? [
            this.#rule('StopsRule', 'Tasks that stop', this.stops, taskChanges(here, STOPPING)),
            this.#rule('RunsRule', 'Tasks that run', this.runs, taskChanges(here, RUNNING)),
          ]
        : []),
      ...(sourcesBus !== undefined
        ? [
            this.#rule('StopsElsewhereRule', 'Tasks elsewhere that stop', this.stops, forwarded(STOPPING), sourcesBus),
            this.#rule('RunsElsewhereRule', 'Tasks elsewhere that run', this.runs, forwarded(RUNNING), sourcesBus),
          ]
        : []),
    ];
  }

  #rule(id: string, description: string, queue: Queue, eventPattern: EventPattern, eventBus?: IEventBus): Rule {
    return new Rule(this, id, {
      description: `${description}, for the discovery of scrape targets.`,
      eventPattern,
      targets: [new SqsQueue(queue, { deadLetterQueue: this.undelivered })],
      ...(eventBus !== undefined && { eventBus }),
    });
  }
}
