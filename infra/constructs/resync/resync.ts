/** The Lambda that compares everything with ECS: on a schedule, by hand, and by itself where one run is not enough. */
import { createHash } from 'node:crypto';
import { Duration, Stack } from 'aws-cdk-lib';
import { Grant, Policy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from '../acknowledge.ts';
import { DiscoveryFunction, type FunctionHosting } from '../discovery-function.ts';
import { deadLetterQueue } from '../encrypted-queue.ts';

export interface ResyncProps extends FunctionHosting {
  /**
   * How often it runs by itself, as in `rate(3 hours)`; the first time at once.
   * @default - only when somebody invokes it
   */
  readonly schedule?: string | undefined;
  /**
   * What decides which targets there are, and where. When a deployment changes it, resync runs at once, because no event
   * will tell of tasks that run already.
   */
  readonly basis: unknown;
}

export class Resync extends Construct {
  readonly function: DiscoveryFunction;
  /** Where scheduled runs end that failed twice. */
  readonly deadLetters: Queue;

  /** What starts it regularly, if anything does. */
  readonly schedule: Schedule | undefined;

  constructor(scope: Construct, id: string, props: ResyncProps) {
    super(scope, id);
    this.deadLetters = deadLetterQueue(this, 'DeadLetters');
    this.function = new DiscoveryFunction(this, 'Function', {
      entry: 'functions/resync/handler.ts',
      description: 'Compares scrape targets and registrations with ECS and repairs what events missed.',
      timeout: Duration.minutes(15),
      serviceName: 'resync',
      logRetention: props.logRetention,
      network: props.network,
    });
    // No reserved concurrency: it would take from the account's share (a new account has 10 in all, of which Lambda lets
    // nobody reserve the last ones), and two runs at once are safe: of two racing writers one reads again.
    this.function.configureAsyncInvoke({
      retryAttempts: 1,
      maxEventAge: Duration.hours(1),
      onFailure: { bind: () => ({ destination: this.deadLetters.queueArn }) },
    });
    Grant.addToPrincipal({
      grantee: this.function,
      actions: ['sqs:SendMessage'],
      resourceArns: [this.deadLetters.queueArn],
    });
    this.#grantContinuation();
    this.schedule = props.schedule === undefined ? undefined : this.#runEvery(props.schedule, props.basis);
  }

  /**
   * EventBridge Scheduler starts a rate as soon as the schedule exists ("Schedule types", its user guide): the first run
   * fills the shards of clusters that have run for long. So the schedule must be made last, and another basis is another
   * schedule.
   */
  #runEvery(rate: string, basis: unknown): Schedule {
    const digest = createHash('sha256').update(JSON.stringify(basis)).digest('hex').slice(0, 8);
    const { functionArn } = this.function;
    const role = new Role(this, 'ScheduleRole', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    acknowledgeWildcards(role, [`${functionArn}:*`], 'CDK allows the versions of the function, too; there are none.');
    const schedule = new Schedule(this, `Schedule-${digest}`, {
      description: 'Repairs scrape targets that events missed.',
      schedule: ScheduleExpression.expression(rate),
      target: new LambdaInvoke(this.function, {
        input: ScheduleTargetInput.fromObject({}),
        deadLetterQueue: this.deadLetters,
        retryAttempts: 2,
        role,
      }),
    });
    // Its first run is at once, and CloudFormation would not wait for what the role may do by itself.
    schedule.node.addDependency(role);
    return schedule;
  }

  /**
   * A fleet too large for one run is finished by another, and a run that lasts asks whether its settings are still those that
   * are deployed. The permission stands in a policy of its own: in the role's default policy, which the function waits for,
   * it would close a circle.
   */
  #grantContinuation(): void {
    const statement = new PolicyStatement({
      actions: ['lambda:InvokeFunction', 'lambda:GetFunctionConfiguration'],
      resources: [this.function.functionArn],
    });
    this.function.role?.attachInlinePolicy(new Policy(this, 'Continuation', { statements: [statement] }));
  }
}
