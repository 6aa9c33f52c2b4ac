/** `status` and `redrive`, on an account in memory. */
import { describe, expect, it } from '@jest/globals';
import { awsError } from '../factories/senders.ts';
import { targets } from '../factories/shards.ts';
import { type FakeDeployment, fakeDeployment, SHARD } from './fake-deployment.ts';

describe('status', () => {
  it('has dead letters with their reasons, and leaves them where they are', async () => {
    const fake = fakeDeployment();
    const message = (name: string, StringValue: string) => ({ MessageAttributes: { [name]: { StringValue } } });
    fake.queues.set('StoreDeadLetters', {
      visible: 3,
      messages: [message('reason', 'not JSON'), message('reason', 'not JSON'), {}],
    });
    fake.queues.set('UndeliveredQueue', { visible: 1, messages: [message('ERROR_CODE', 'NO_PERMISSIONS')] });
    const { text } = await fake.run('status');
    expect(text).toMatch(/store +3 {2}2 × not JSON\nstore +- {2}1 × no reason: all tries failed/);
    expect(text).toMatch(/events +1 {2}NO_PERMISSIONS/);
    expect(text).toContain(
      '- 3 messages of store could not be handled. When the cause above is gone: "redrive store".',
    );
    const receives = fake.client.sent.filter(({ operation }) => operation === 'ReceiveMessage');
    expect(receives.map(({ input }) => input['VisibilityTimeout'])).toEqual([0, 0]);
    expect(fake.client.calls('DeleteMessage')).toBe(0);
  });

  it('has the alarms of this deployment that are on', async () => {
    const fake = fakeDeployment();
    const alarm = (AlarmName: string) => ({
      AlarmName,
      AlarmDescription: 'Do this.',
      StateTransitionedTimestamp: new Date(0),
    });
    fake.answers['DescribeAlarms'] = () => ({
      MetricAlarms: [
        alarm('ecs-prometheus-discovery-DiscoveryAlarmsStoreBehind1'),
        alarm('ecs-prometheus-discovery-two-DiscoveryAlarmsX'),
      ],
    });
    const { text } = await fake.run('status');
    expect(text).toContain(
      'ecs-prometheus-discovery-DiscoveryAlarmsStoreBehind1  since 1970-01-01 00:00:00 UTC\n  Do this.',
    );
    expect(text).not.toContain('-two-');
    expect(text).toMatch(/1 alarm on; the texts above say what to do\.$/);
  });

  it('shows what there is where one part cannot be had', async () => {
    const fake = fakeDeployment();
    fake.answers['DescribeAlarms'] = () => {
      throw awsError('AccessDenied', 'not allowed to cloudwatch:DescribeAlarms');
    };
    fake.answers['GetMetricData'] = () => {
      throw awsError('AccessDenied');
    };
    const { text, error } = await fake.run('status');
    expect(error).toBe('');
    expect(text).toMatch(/stops +0 +0 {2}-/);
    expect(text).toContain(
      '- AWS did not say: alarms: cloudwatch:DescribeAlarms: AccessDenied: not allowed to cloudwatch:DescribeAlarms',
    );
  });

  it('has a line for each cluster where there are many shards', async () => {
    const fake = fakeDeployment();
    fake.publish(targets(1));
    fake.environment['DISCOVERY_SHARDS'] = '40';
    const { text } = await fake.run('status');
    expect(text).toMatch(/prod +40 shards +0 to 2 +1 +1 +at most \d+ %/);
    expect(text).toContain('shard 1: /ecs-prometheus-discovery/prod/targets/1 does not exist');
  });

  it('is JSON, too', async () => {
    const fake = fakeDeployment();
    fake.publish(targets(1));
    expect(await fake.runJson('status')).toMatchObject({
      queues: [{ queue: 'stops' }, { queue: 'runs' }, { queue: 'store' }, { queue: 'collector 0', visible: 0 }],
      shards: [{ cluster: 'prod', shard: 0, version: 2, tasks: 1, targets: 1 }],
      alarms: [],
      unknown: [],
    });
    fake.parameters.set(SHARD, ['x']);
    expect(await fake.runJson('status')).toMatchObject({
      shards: [{ version: 0, problem: expect.stringContaining('overwritten') }],
    });
  });
});

describe('redrive', () => {
  const moving = (...moves: object[]): FakeDeployment => {
    const fake = fakeDeployment();
    fake.answers['StartMessageMoveTask'] = () => ({ TaskHandle: 'x' });
    fake.answers['ListMessageMoveTasks'] = (_, call) => ({ Results: [moves[Math.min(call, moves.length - 1)]] });
    return fake;
  };

  it('moves dead letters to the queue of the stage, and waits for the end', async () => {
    const fake = moving({ Status: 'RUNNING' }, { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 3 });
    const { text } = await fake.run('redrive', 'observe');
    expect(text).toContain('3 messages moved back.');
    expect(fake.client.sent.find(({ operation }) => operation === 'StartMessageMoveTask')?.input).toEqual({
      SourceArn: 'arn:aws:sqs:eu-west-1:111122223333:ObserveDeadLetters',
      DestinationArn: 'arn:aws:sqs:eu-west-1:111122223333:RunsQueue',
    });
  });

  it('says what SQS could not move', async () => {
    const { error } = await moving({ Status: 'FAILED', FailureReason: 'AccessDenied' }).run('redrive', 'store');
    expect(error).toContain('SQS could not move the dead letters of store: AccessDenied');
  });

  it('knows which stages there are', async () => {
    expect((await fakeDeployment().run('redrive', 'register')).error).toContain('has no register stage');
    expect((await fakeDeployment().run('redrive', 'sync')).error).toContain(
      'Allowed choices are observe, store, register',
    );
  });
});
