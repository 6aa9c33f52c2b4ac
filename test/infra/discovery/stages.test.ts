/** The stages, each with its own queue, dead letters and alarms. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { type Json, only, resource, resources, stack, written } from '../resources.ts';
import { type Context, removeSynthesised } from '../synth.ts';

const NAMED = { clusters: 'prod,staging', namespaces: 'ecs-services', collectors: 2 };
const template = (settings: Context = NAMED) => stack('', settings);

afterAll(removeSynthesised);

interface Stage {
  readonly queue: string;
  readonly function: string;
  readonly batch: number;
  /** Seconds; undefined: none. */
  readonly window: number | undefined;
  readonly timeout: number;
  readonly deadLetters: string;
  readonly alarms: readonly string[];
}

const STAGES: Readonly<Record<string, Stage>> = {
  stops: {
    queue: 'DiscoveryObserveQueuesStops',
    function: 'DiscoveryObserveFunction',
    batch: 10,
    window: undefined,
    timeout: 30,
    deadLetters: 'DiscoveryObserveQueuesDeadLetters',
    alarms: ['DiscoveryAlarmsObserveDeadLetters', 'DiscoveryAlarmsStopsBehind'],
  },
  runs: {
    queue: 'DiscoveryObserveQueuesRuns',
    function: 'DiscoveryObserveFunction',
    batch: 10,
    window: undefined,
    timeout: 30,
    deadLetters: 'DiscoveryObserveQueuesDeadLetters',
    alarms: ['DiscoveryAlarmsObserveDeadLetters', 'DiscoveryAlarmsRunsBehind'],
  },
  store: {
    queue: 'DiscoveryStoreQueuesChanges',
    function: 'DiscoveryStoreFunction',
    batch: 1000,
    window: 5,
    timeout: 120,
    deadLetters: 'DiscoveryStoreQueuesDeadLetters',
    alarms: ['DiscoveryAlarmsStoreDeadLetters', 'DiscoveryAlarmsStoreBehind'],
  },
  register: {
    queue: 'DiscoveryRegisterQueuesChanges',
    function: 'DiscoveryRegisterFunction',
    batch: 100,
    window: 1,
    timeout: 60,
    deadLetters: 'DiscoveryRegisterQueuesDeadLetters',
    alarms: ['DiscoveryAlarmsRegisterDeadLetters', 'DiscoveryAlarmsRegisterBehind'],
  },
};

const sources = (settings: Context = NAMED) =>
  resources(template(settings), 'AWS::Lambda::EventSourceMapping').map(([, { Properties }]) => Properties);

const queueAlarms = (settings: Context = NAMED) =>
  resources(template(settings), 'AWS::CloudWatch::Alarm').flatMap(([id, { Properties }]) => {
    const { Namespace, MetricName, Dimensions = [] } = Properties as { Dimensions?: Json[] } & Json;
    return Namespace === 'AWS/SQS'
      ? [{ id: id.replace(/[0-9A-F]{8}$/, ''), metric: MetricName, queue: written(Dimensions[0]?.['Value']) }]
      : [];
  });

describe.each(Object.entries(STAGES))('the queue of the stage %s', (_, stage) => {
  const { queue, deadLetters } = stage;

  it('is read by the function of the stage alone, in batches of its size', () => {
    const readers = sources().filter(({ EventSourceArn }) => written(EventSourceArn) === `<${queue}.Arn>`);
    expect(readers).toEqual([
      {
        EventSourceArn: expect.anything(),
        FunctionName: expect.objectContaining({ Ref: expect.stringMatching(`^${stage.function}`) }),
        BatchSize: stage.batch,
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
        ...(stage.window !== undefined && { MaximumBatchingWindowInSeconds: stage.window }),
      },
    ]);
  });

  it('hides a message until the function has certainly ended, and keeps it for four days', () => {
    const { Properties } = resource(template(), queue);
    expect(resource(template(), stage.function).Properties['Timeout']).toBe(stage.timeout);
    // AWS Lambda developer guide, "Using Lambda with Amazon SQS": six times the timeout, and the window.
    expect(Properties['VisibilityTimeout']).toBeGreaterThanOrEqual(6 * stage.timeout + (stage.window ?? 0));
    expect(Properties['MessageRetentionPeriod']).toBe(4 * 86_400);
  });

  it('has dead letters of its stage, which an outage of three hours does not reach', () => {
    const { deadLetterTargetArn, maxReceiveCount } = resource(template(), queue).Properties['RedrivePolicy'] as Json;
    expect(written(deadLetterTargetArn)).toBe(`<${deadLetters}.Arn>`);
    // Shown again once a minute at most.
    expect(maxReceiveCount).toBe(200);
    expect(resource(template(), deadLetters).Properties['MessageRetentionPeriod']).toBe(14 * 86_400);
    const { Variables } = resource(template(), stage.function).Properties['Environment'] as { Variables: Json };
    expect(written(Variables['DISCOVERY_DEAD_LETTER_QUEUE_URL'])).toBe(`<${deadLetters}>`);
  });

  it('has alarms on what failed and on what waits', () => {
    const watching = queueAlarms().filter((alarm) => stage.alarms.includes(alarm.id));
    expect(watching.map(({ metric, queue: name }) => [metric, name]).sort()).toEqual([
      ['ApproximateAgeOfOldestMessage', `<${queue}.QueueName>`],
      ['ApproximateNumberOfMessagesVisible', `<${deadLetters}.QueueName>`],
    ]);
  });
});

describe('a resync that fails', () => {
  it('is tried once more, and is then said by its dead letters, whoever started it', () => {
    const { MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } = only(
      template(),
      'AWS::Lambda::EventInvokeConfig',
    ).Properties as { DestinationConfig: { OnFailure: { Destination: unknown } } } & Json;
    expect([MaximumRetryAttempts, MaximumEventAgeInSeconds]).toEqual([1, 3600]);
    expect(written(DestinationConfig.OnFailure.Destination)).toBe('<DiscoveryResyncDeadLetters.Arn>');
    const { Target } = only(template(), 'AWS::Scheduler::Schedule').Properties as {
      Target: { DeadLetterConfig: { Arn: unknown }; RetryPolicy: Json };
    };
    expect(written(Target.DeadLetterConfig.Arn)).toBe('<DiscoveryResyncDeadLetters.Arn>');
    expect(Target.RetryPolicy['MaximumRetryAttempts']).toBe(2);
  });

  it('was started by no schedule of another account', () => {
    const { AssumeRolePolicyDocument } = resource(template(), 'DiscoveryResyncScheduleRole').Properties as {
      AssumeRolePolicyDocument: { Statement: { Condition: { StringEquals: Json } }[] };
    };
    const [statement] = AssumeRolePolicyDocument.Statement;
    expect(written(statement?.Condition.StringEquals['aws:SourceAccount'])).toBe('<AWS::AccountId>');
  });
});

describe('the stages together', () => {
  it('share no dead letters, but for the two queues of observe', () => {
    const deadLetters = Object.values(STAGES).map((stage) =>
      written((resource(template(), stage.queue).Properties['RedrivePolicy'] as Json)['deadLetterTargetArn']),
    );
    expect(new Set(deadLetters).size).toBe(3);
  });

  it('run fewer functions at once than a new account may', () => {
    const concurrency = sources().map(({ ScalingConfig }) => (ScalingConfig as Json)['MaximumConcurrency'] as number);
    expect(concurrency).toHaveLength(4);
    expect(concurrency.reduce((sum, one) => sum + one, 0)).toBeLessThan(10);
  });

  it('know of each queue that they read, so that a function takes more from it', () => {
    for (const { function: name } of Object.values(STAGES)) {
      const { Variables } = resource(template(), name).Properties['Environment'] as { Variables: Json };
      const queues = Object.values(STAGES).filter((stage) => stage.function === name);
      expect(written(Variables['DISCOVERY_QUEUE_URLS'])).toBe(queues.map(({ queue }) => `<${queue}>`).join(','));
    }
  });

  it('leave register out where there is no namespace', () => {
    const ids = resources(template({ clusters: 'prod' })).map(([id]) => id);
    expect(ids.filter((id) => /Register|Registration/.test(id))).toEqual([]);
    expect(sources({ clusters: 'prod' })).toHaveLength(3);
  });

  it('leave no queue without an alarm', () => {
    const watched = new Set(queueAlarms().map(({ queue }) => queue));
    const queues = resources(template(), 'AWS::SQS::Queue').map(
      ([id]) => `<${id.replace(/[0-9A-F]{8}$/, '')}.QueueName>`,
    );
    expect(queues.filter((name) => !watched.has(name))).toEqual([]);
  });
});
