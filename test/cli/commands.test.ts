/** The other commands, on an account in memory. */
import { describe, expect, it } from '@jest/globals';
import type { ResyncSummary } from '../../functions/resync/resync-summary.ts';
import { noCounts } from '../../functions/resync/resync-summary.ts';
import { awsError } from '../factories/senders.ts';
import { targets } from '../factories/shards.ts';
import { idOf, stopped } from '../factories/tasks.ts';
import { type FakeDeployment, fakeDeployment, SHARD } from './fake-deployment.ts';

const linesOf = (text: string): string[] => text.split('\n');

describe('targets', () => {
  const published = (): FakeDeployment => {
    const fake = fakeDeployment();
    for (const number of [1, 2, 3]) fake.tasks.set(idOf(number), { number });
    fake.publish(targets(1), targets(2, { labels: { cluster: 'prod', service: 'cart' } }), targets(3));
    return fake;
  };

  it('are a row each, by service', async () => {
    const { text } = await published().run('targets');
    expect(linesOf(text)).toEqual([
      'TARGET                        TASK                              SERVICE  CLUSTER  JOB  SHARD',
      `http://10.0.0.2:3000/metrics  ${idOf(2)}  cart     prod              0`,
      `http://10.0.0.1:3000/metrics  ${idOf(1)}  shop     prod              0`,
      `http://10.0.0.3:3000/metrics  ${idOf(3)}  shop     prod              0`,
      '',
      '3 targets of 3 tasks.',
    ]);
  });

  it('are never those of a task that stopped, or that ECS does not know any more', async () => {
    const fake = published();
    fake.tasks.set(idOf(1), { number: 1, ...stopped });
    fake.tasks.delete(idOf(3));
    const { text } = await fake.run('targets');
    expect(text).not.toContain(idOf(1));
    expect(text).not.toContain(idOf(3));
    expect(text).toContain('1 target of 1 task.\n2 tasks in the configuration stopped meanwhile');
  });

  it('stay in the list while ECS does not say, and that is said', async () => {
    const fake = published();
    fake.answers['DescribeTasks'] = () => {
      throw awsError('ThrottlingException');
    };
    const { text } = await fake.run('targets');
    expect(text).toContain('3 targets of 3 tasks.\nECS did not say whether 3 tasks still run.');
  });

  it('can be those of one service, and JSON', async () => {
    expect(await published().runJson('targets', '--service', 'cart')).toEqual([
      expect.objectContaining({ address: '10.0.0.2:3000', task: idOf(2), service: 'cart', shard: 0 }),
    ]);
  });

  it('are of a cluster that is watched', async () => {
    const { error } = await published().run('targets', '--cluster', 'staging');
    expect(error).toContain('Cluster staging is not watched by ecs-prometheus-discovery.\nIt watches prod.');
  });

  it('may be none', async () => {
    const { text } = await fakeDeployment().run('targets');
    expect(text).toBe('0 targets of 0 tasks.\n"tasks" says of every task why it is not scraped.');
  });
});

describe('tasks', () => {
  it('are scraped, or have a reason', async () => {
    const fake = fakeDeployment();
    fake.tasks.set(idOf(1), { number: 1 });
    fake.tasks.set(idOf(2), { number: 2, lastStatus: 'PENDING' });
    fake.containers = [
      { name: 'web', dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: '3000', ECS_PROMETHEUS_EXPORTER_PORT_admin: 'x' } },
    ];
    const { text } = await fake.run('tasks');
    expect(linesOf(text)).toEqual([
      'TASK                              SERVICE  CLUSTER  DECISION  TARGETS OR REASON',
      `${idOf(1)}  shop     prod     scraped   http://10.0.0.1:3000/metrics`,
      expect.stringContaining(
        'invalid-port: container web: the metrics port must be a number from 1 to 65535, not "x"',
      ),
      `${idOf(2)}  shop     prod     held      PENDING: it does not run yet`,
      '',
      '2 tasks: 1 scraped, 1 held.',
      expect.stringContaining('"why TASK" says more'),
    ]);
    expect(await fake.runJson('tasks')).toEqual([
      expect.objectContaining({ task: idOf(1), decision: 'scraped', targets: ['http://10.0.0.1:3000/metrics'] }),
      expect.objectContaining({ task: idOf(2), decision: 'held', targets: [] }),
    ]);
  });
});

describe('resync', () => {
  const summary = (changes: Partial<ResyncSummary['clusters'][number]> = {}, complete = true): ResyncSummary => ({
    dryRun: false,
    complete,
    awsCalls: 9,
    durationMilliseconds: 1412,
    clusters: [
      {
        ...{ cluster: 'prod', targets: 243, ...noCounts(), checked: 245, unchanged: 242 },
        ...{ skipped: {}, skippedTasks: [], moreSkipped: 0, problems: [], moreProblems: 0 },
        ...changes,
      },
    ],
  });
  const answering = (answer: unknown, FunctionError?: string): FakeDeployment => {
    const fake = fakeDeployment();
    fake.answers['Invoke'] = () => ({ Payload: new TextEncoder().encode(JSON.stringify(answer)), FunctionError });
    return fake;
  };
  const payloadOf = ({ client }: FakeDeployment): unknown =>
    JSON.parse(String(client.sent.find(({ operation }) => operation === 'Invoke')?.input['Payload']));

  it('hands its options over', async () => {
    const fake = answering(summary());
    await fake.run('resync', '--cluster', 'prod', '--service', 'shop', '--task', `arn:x/${idOf(1)}`, '--dry-run');
    expect(payloadOf(fake)).toEqual({ cluster: 'prod', service: 'shop', task: idOf(1), dryRun: true });
  });

  it('says that nothing differed', async () => {
    const { text } = await answering(summary({ ignored: 3 })).run('resync');
    expect(linesOf(text)).toEqual([
      '',
      'Cluster prod: 245 tasks checked, 243 targets published.',
      '  Nothing differed. 242 unchanged, 3 ignored.',
      '',
      '9 requests to AWS in 1 s.',
    ]);
  });

  it('names every task that is not scraped, what was held back, and what could not be read', async () => {
    const skippedTasks = [{ task: idOf(1), service: 'shop', reason: 'invalid-port', problem: 'not a port' }];
    const problems = [`task ${idOf(2)}: ThrottlingException: Rate exceeded`];
    const { text } = await answering(
      summary({ added: 2, removalsHeld: 40, skippedTasks, moreSkipped: 7, problems, moreProblems: 1 }),
    ).run('resync');
    expect(linesOf(text).slice(2, -2)).toEqual([
      '  Changed: 2 added. 242 unchanged, 0 ignored.',
      '  40 removals held back, because they are too many at once.',
      '  If those tasks are gone, run it again with: --cluster prod --force',
      '',
      '  Not scraped, though something asks for it:',
      '  TASK                              SERVICE  REASON        PROBLEM',
      `  ${idOf(1)}  shop     invalid-port  not a port`,
      '  and 7 more; "tasks" lists all.',
      '',
      '  Could not be read or done; those tasks keep what they have:',
      `  - ${problems[0]}`,
      '  and 1 more.',
    ]);
  });

  it('follows the runs with which a long one goes on', async () => {
    const fake = answering(summary({}, false));
    const line = (resumeAt: unknown, complete: boolean) => ({
      message: JSON.stringify({ message: 'resync', request: { resumeAt }, ...summary({}, complete) }),
    });
    const events = [
      { eventId: '1', ...line(undefined, false) },
      { eventId: '2', ...line({ cluster: 'prod', shard: 2 }, false) },
      { eventId: '3', ...line({ cluster: 'prod', shard: 3 }, true) },
    ];
    fake.answers['FilterLogEvents'] = (_, call) => ({ events: events.slice(0, call + 1) });
    const runs = await fake.runJson<ResyncSummary[]>('resync');
    expect(runs.map(({ complete }) => complete)).toEqual([false, false, true]);
    expect(fake.client.calls('Invoke')).toBe(1);
  });

  it('gives up waiting for a run that does not end', async () => {
    const fake = answering(summary({}, false));
    fake.answers['FilterLogEvents'] = () => ({ events: [] });
    const { text, error } = await fake.run('resync');
    expect(text).toContain('The time of one run did not suffice. It goes on by itself; waiting for the rest.');
    expect(error).toContain('none has ended within 17 minutes');
  });

  it('says what the function says', async () => {
    const { error } = await answering({ errorMessage: 'environment variable X is not set' }, 'Unhandled').run('resync');
    expect(error).toContain('The resync function failed: environment variable X is not set');
  });

  it('looks or forces, not both', async () => {
    expect((await fakeDeployment().run('resync', '--dry-run', '--force')).error).toContain('exclude each other');
  });
});

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
    expect(text).toMatch(/store +3 {2}2 × not JSON\n +1 × no reason: all tries failed/);
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
    expect(text).toContain('- AWS did not say: alarms: AccessDenied: not allowed to cloudwatch:DescribeAlarms');
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
