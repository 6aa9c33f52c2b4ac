import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Context } from 'aws-lambda';
import { shardOfTask } from '../../functions/discovery/shard/shard-of-task.ts';
import type { ResyncSummary } from '../../functions/resync/resync-summary.ts';
import { type Account, createAccount, OWNED } from '../factories/account.ts';
import { awsError, type FakeClient, fakeClient } from '../factories/senders.ts';
import { idOf, taskEvent } from '../factories/tasks.ts';

const ENVIRONMENT = {
  POWERTOOLS_DEV: 'true',
  POWERTOOLS_METRICS_DISABLED: 'false',
  DISCOVERY_DEPLOYMENT: 'discovery',
  DISCOVERY_CLUSTERS: 'prod',
  DISCOVERY_SHARDS: '2',
  DISCOVERY_SHARD_TIER: 'Standard',
  DISCOVERY_NAMESPACES_PARAMETER: 'ECS-ServiceDiscovery-Namespaces',
  DISCOVERY_SCRAPE_RULES: '[]',
  DISCOVERY_RESYNC_REMOVAL_LIMIT_PERCENT: '50',
  DISCOVERY_TASK_CHANGE_QUEUE_URL: 'https://sqs/tasks',
  DISCOVERY_DEAD_LETTER_QUEUE_URL: 'https://sqs/dead',
};

let account: Account;
let sqs: FakeClient;
let lambda: FakeClient;
let remaining: number;
/** Every line that was written, as it was parsed. */
let lines: Record<string, unknown>[];

const context = { functionName: 'resync', getRemainingTimeInMillis: () => remaining } as Context;

beforeEach(() => {
  account = createAccount({ shards: 2 });
  sqs = fakeClient({ ChangeMessageVisibilityBatch: () => ({}), SendMessage: () => ({}) });
  lambda = fakeClient({ Invoke: () => ({ StatusCode: 202 }) });
  remaining = 120_000;
  lines = [];
  for (const level of ['log', 'info', 'warn', 'error'] as const) {
    jest.spyOn(console, level).mockImplementation((line: unknown) => {
      lines.push(JSON.parse(String(line)) as Record<string, unknown>);
    });
  }
});

afterEach(() => {
  jest.restoreAllMocks();
});

/** A Lambda keeps its clients from one invocation to the next; these answer for the account of the test. */
const client = { send: (command: unknown) => account.client.send(command) };

beforeAll(() => {
  Object.assign(process.env, ENVIRONMENT);
  jest.unstable_mockModule('../../functions/aws/clients.ts', () => ({
    createClients: () => ({
      ecs: client,
      ssmRead: client,
      ssmWrite: client,
      serviceDiscovery: client,
      events: client,
      ec2: async () => client,
      calls: { total: () => account.client.sent.length },
    }),
    sqsClient: async () => sqs,
    lambdaClient: async () => lambda,
  }));
});

afterAll(() => {
  for (const name of Object.keys(ENVIRONMENT)) delete process.env[name];
});

describe('the task-change Lambda', () => {
  const record = (messageId: string, body: string, receives = 1) => ({
    messageId,
    receiptHandle: `receipt of ${messageId}`,
    body,
    attributes: { ApproximateReceiveCount: String(receives) },
  });

  async function invoke(...Records: ReturnType<typeof record>[]) {
    const { handler } = await import('../../functions/observe/handler.ts');
    return handler({ Records } as never, context);
  }

  it('publishes what it can, keeps what it cannot say yet, and puts aside what will never be good', async () => {
    account.run({ number: 1 });
    const answer = await invoke(
      record('running', taskEvent({ number: 1 })),
      record('unknown', taskEvent({ number: 2 }), 2),
      record('poison', '{"hunter2"'),
    );
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'unknown' }] });
    expect(account.published()).toEqual([1]);
    expect(Object.fromEntries(sqs.sent.map(({ operation, input }) => [operation, input]))).toEqual({
      SendMessage: {
        QueueUrl: 'https://sqs/dead',
        MessageBody: '{"hunter2"',
        MessageAttributes: { reason: { DataType: 'String', StringValue: 'not JSON' } },
      },
      ChangeMessageVisibilityBatch: {
        QueueUrl: 'https://sqs/tasks',
        Entries: [{ Id: '0', ReceiptHandle: 'receipt of unknown', VisibilityTimeout: 10 }],
      },
    });
  });

  it('writes structured lines and metrics, and never an event', async () => {
    account.run({ number: 1 });
    await invoke(record('running', taskEvent({ number: 1 })), record('poison', '{"hunter2"'));
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'INFO', message: 'shard written', service: 'task-change', cluster: 'prod' }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ service: 'task-change', cluster: 'prod', TargetsUpserted: 1 }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ PoisonEvents: 1 }));
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('leaves itself the time to settle its batch', async () => {
    account.run({ number: 1 });
    remaining = 4000;
    const { batchItemFailures } = await invoke(record('late', taskEvent({ number: 1 })));
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'late' }]);
    expect(sqs.calls('ChangeMessageVisibilityBatch')).toBe(1);
    expect(account.writes()).toEqual([]);
  });
});

describe('the resync Lambda', () => {
  async function invoke(payload: unknown): Promise<ResyncSummary> {
    const { handler } = await import('../../functions/resync/handler.ts');
    return handler(payload as never, context);
  }

  it('answers with the summary, and logs it', async () => {
    account.run({ number: 1 });
    const summary = await invoke({});
    expect(summary).toMatchObject({ complete: true, dryRun: false, awsCalls: account.client.sent.length });
    expect(summary.clusters).toMatchObject([{ cluster: 'prod', added: 1 }]);
    expect(lines).toContainEqual(
      expect.objectContaining({ message: 'resync', service: 'resync', request: {}, complete: true }),
    );
    expect(lambda.sent).toEqual([]);
  });

  it('takes the event of its schedule for a resync of everything', async () => {
    account.run({ number: 1 });
    await invoke({ 'detail-type': 'Scheduled Event', source: 'aws.events', detail: {} });
    expect(account.published()).toEqual([1]);
  });

  it('goes on in another invocation when its time is up', async () => {
    const [first, second] = [0, 1].map(
      (shard) => [1, 2, 3, 4, 5, 6].find((number) => shardOfTask(idOf(number), 2) === shard) ?? 0,
    );
    account.run({ number: first as number }, { number: second as number });
    remaining = 30_000;
    account.clock.advance(Date.now() - account.clock.now());
    expect(await invoke({ force: true })).toMatchObject({ complete: false });
    expect(account.published()).toEqual([first]);
    expect(lambda.sent.map(({ input }) => input)).toEqual([
      {
        FunctionName: 'resync',
        InvocationType: 'Event',
        Payload: '{"force":true,"resumeAt":{"cluster":"prod","shard":1}}',
      },
    ]);
    await invoke(JSON.parse(String(lambda.sent[0]?.input['Payload'])));
    expect(account.published()).toEqual([first, second].sort());
  });

  it('fails with what is wrong with a payload', async () => {
    await expect(invoke({ cluster: 'staging' })).rejects.toThrow('cluster staging is not watched; watched are prod');
    expect(account.client.sent).toEqual([]);
  });

  it('answers also when ECS does not, with the problem', async () => {
    account.before = (operation) => {
      if (operation === 'ListTasks')
        throw awsError('AccessDeniedException', 'not authorized to perform: ecs:ListTasks');
    };
    const { clusters } = await invoke({});
    expect(clusters[0]?.problems).toEqual([
      expect.stringMatching(/^AccessDeniedException: not authorized to perform: ecs:ListTasks \(the role of this/),
    ]);
  });
});

describe('the Lambda behind the CloudFormation resource', () => {
  let server: Server;
  let answers: { method: string | undefined; type: string | undefined; body: Record<string, unknown> }[];
  let statuses: number[];

  beforeEach(async () => {
    account = createAccount();
    account.addService('shop', OWNED).instances.set(idOf(1), {});
    account.addService('cart', OWNED).instances.set(idOf(2), {});
    answers = [];
    statuses = [200];
    server = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      answers.push({ method: request.method, type: request.headers['content-type'], body: JSON.parse(body) });
      response.writeHead(statuses.shift() ?? 200).end();
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
  });

  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  });

  async function invoke(RequestType: string, more: object = {}) {
    const { handler } = await import('../../functions/register/registration-cleanup.ts');
    const { port } = server.address() as AddressInfo;
    const event = {
      RequestType,
      ResponseURL: `http://127.0.0.1:${port}/signed`,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Registrations',
      ResourceProperties: {},
      ...more,
    };
    await handler(event as never, context);
  }

  const left = () => [...account.services].flatMap(([name, { instances }]) => (instances.size > 0 ? [name] : []));

  it('does nothing when it is made or changed, and stays the same resource', async () => {
    await invoke('Create');
    await invoke('Update', { PhysicalResourceId: 'made-long-ago' });
    expect(left()).toEqual(['shop', 'cart']);
    const same = { Status: 'SUCCESS', StackId: 'stack', RequestId: 'request', LogicalResourceId: 'Registrations' };
    expect(answers).toEqual([
      { method: 'PUT', type: '', body: { ...same, PhysicalResourceId: 'Registrations' } },
      { method: 'PUT', type: '', body: { ...same, PhysicalResourceId: 'made-long-ago' } },
    ]);
  });

  it('is another resource for another service, so that CloudFormation has the earlier one emptied', async () => {
    await invoke('Create', { ResourceProperties: { ServiceId: 'srv-shop' } });
    await invoke('Update', { PhysicalResourceId: 'srv-shop', ResourceProperties: { ServiceId: 'srv-cart' } });
    await invoke('Delete', { PhysicalResourceId: 'srv-shop', ResourceProperties: { ServiceId: 'srv-shop' } });
    expect(answers.map(({ body }) => body['PhysicalResourceId'])).toEqual(['srv-shop', 'srv-cart', 'srv-shop']);
    expect(left()).toEqual(['cart']);
  });

  it('takes the registrations out of Cloud Map when it is deleted, of one service or all', async () => {
    await invoke('Delete', { PhysicalResourceId: 'x', ResourceProperties: { ServiceId: 'srv-cart' } });
    expect(left()).toEqual(['shop']);
    await invoke('Delete', { PhysicalResourceId: 'x' });
    expect(left()).toEqual([]);
    expect(answers.map(({ body }) => body['Status'])).toEqual(['SUCCESS', 'SUCCESS']);
  });

  it('answers CloudFormation also when it fails, with the reason, for nobody else would', async () => {
    account.before = (operation) => {
      if (operation === 'ListInstances') throw awsError('AccessDeniedException', 'x'.repeat(5000));
    };
    await invoke('Delete', { PhysicalResourceId: 'x' });
    expect(answers).toHaveLength(1);
    expect(answers[0]?.body).toMatchObject({
      Status: 'FAILED',
      Reason: expect.stringMatching(/^AccessDeniedException: x/),
    });
    expect(JSON.stringify(answers[0]?.body).length).toBeLessThan(4096);
  });

  it('tells CloudFormation again when it was not heard', async () => {
    statuses = [503, 500, 200];
    await invoke('Create');
    expect(answers).toHaveLength(3);
  });
});

describe('metrics of a Lambda', () => {
  it('have a name space, a unit, and the cluster and reason as dimensions', async () => {
    const { createTelemetry } = await import('../../functions/lambda/telemetry.ts');
    const { report } = createTelemetry('resync');
    report.count('TasksSkipped', 2, { cluster: 'prod', reason: 'no-address' });
    report.count('EventAgeAtPublish', 700, { cluster: 'prod' });
    report.count('ShardFullness', 30, { cluster: 'prod' });
    const described = lines.map(({ _aws, ...values }) => {
      const [{ Namespace, Dimensions, Metrics } = {} as never] = (
        _aws as { CloudWatchMetrics: { Namespace: string; Dimensions: string[][]; Metrics: object[] }[] }
      ).CloudWatchMetrics;
      return { Namespace, Dimensions, Metrics, values };
    });
    expect(described).toEqual([
      {
        Namespace: 'EcsPrometheusDiscovery',
        Dimensions: [['service', 'cluster', 'reason']],
        Metrics: [{ Name: 'TasksSkipped', Unit: 'Count' }],
        values: { service: 'resync', cluster: 'prod', reason: 'no-address', TasksSkipped: 2 },
      },
      expect.objectContaining({ Metrics: [{ Name: 'EventAgeAtPublish', Unit: 'Milliseconds' }] }),
      expect.objectContaining({
        Dimensions: [['service', 'cluster']],
        Metrics: [{ Name: 'ShardFullness', Unit: 'Percent' }],
      }),
    ]);
  });
});
