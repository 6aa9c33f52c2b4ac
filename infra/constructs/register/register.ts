/** From announcements to instances in Cloud Map. */
import { Duration } from 'aws-cdk-lib';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DiscoveryFunction, type FunctionHosting } from '../discovery-function.ts';
import { StageQueues } from '../stage-queues.ts';

const TIMEOUT = Duration.seconds(60);
const FEEDING = { batchSize: 100, window: Duration.seconds(1) };

export type RegisterProps = FunctionHosting;

export class Register extends Construct {
  readonly function: DiscoveryFunction;
  readonly queue: Queue;
  /** Where announcements end that are malformed, or failed 200 times. */
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, hosting: RegisterProps) {
    super(scope, id);
    this.function = new DiscoveryFunction(this, 'Function', {
      entry: 'functions/register/handler.ts',
      description: 'Registers tasks in Cloud Map, and deregisters those that stopped.',
      timeout: TIMEOUT,
      serviceName: 'register',
      ...hosting,
    });
    const queues = new StageQueues(this, 'Queues', { names: ['Changes'], timeout: TIMEOUT });
    queues.feed(this.function, FEEDING);
    [this.queue] = queues.all as [Queue];
    this.deadLetters = queues.deadLetters;
  }
}
