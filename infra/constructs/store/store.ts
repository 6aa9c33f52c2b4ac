/** From announcements to the target configuration in SSM. */
import { Duration } from 'aws-cdk-lib';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DiscoveryFunction, type FunctionHosting } from '../discovery-function.ts';
import { StageQueues } from '../stage-queues.ts';

/** One run goes on as long as changes wait; a round of 125 shards takes 42 s at three writes a second. */
const TIMEOUT = Duration.seconds(120);
/** A write costs the same for one change as for hundreds of its shard. */
const FEEDING = { batchSize: 1000, window: Duration.seconds(5) };

export type StoreProps = FunctionHosting;

export class Store extends Construct {
  readonly function: DiscoveryFunction;
  readonly queue: Queue;
  /** Where announcements end that are malformed, or failed 200 times. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, hosting: StoreProps) {
    super(scope, id);
    this.function = new DiscoveryFunction(this, 'Function', {
      entry: 'functions/store/handler.ts',
      description: 'Writes announced changes of scrape targets to SSM.',
      timeout: TIMEOUT,
      serviceName: 'store',
      ...hosting,
    });
    const queues = new StageQueues(this, 'Queues', { names: ['Changes'], timeout: TIMEOUT });
    queues.feed(this.function, FEEDING);
    [this.queue] = queues.all as [Queue];
    this.deadLetters = queues.deadLetters;
  }
}
