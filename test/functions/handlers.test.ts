import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Context, SQSBatchResponse } from 'aws-lambda';
import { shardOfTask } from '../../functions/discovery/shard/shard-of-task.ts';
import type { ResyncSummary } from '../../functions/resync/resync-summary.ts';
import { type Account, createAccount, OWNED } from '../factories/account.ts';
import { awsError, type FakeClient, fakeClient } from '../factories/senders.ts';
import { announcing, event, IN_NAMESPACE, stop, upsert } from '../factories/stages.ts';
import { HERE, idOf, stopped, taskEvent } from '../factories/tasks.ts';

const ENVIRONMENT = {
  POWERTOOLS_DEV: 'true',
  POWERTOOLS_METRICS_DISABLED: 'false',
  DISCOVERY_DEPLOYMENT: 'discovery',
  DISCOVERY_CLUSTERS: 'prod',
  DISCOVERY_HERE: HERE,
  DISCOVERY_SHARDS: '2',
  DISCOVERY_SHARD_TIER: 'Standard',
  DISCOVERY_NAMESPACES_PARAMETER: 'ECS-ServiceDiscovery-Namespaces',
  DISCOVERY_SCRAPE_RULES: '[]',
  DISCOVERY_RESYNC_REMOVAL_LIMIT_PERCENT: '50',
  DISCOVERY_TOPIC_ARN: 'arn:aws:sns:eu-west-1:111122223333:targets-changed',
  DISCOVERY_QUEUE_URLS: 'https://sqs/1/stops,https://sqs/1/runs,https://sqs/1/store,https://sqs/1/register',
  DISCOVERY_DEAD_LETTER_QUEUE_URL: 'https://sqs/1/dead',
};

let account: Account;
let lambda: FakeClient;
let remaining: number;
/** Every line that was written, as it was parsed. */
let lines: Record<string, unknown>[];

const context = { functionName: 'resync', getRemainingTimeInMillis: () => remaining } as Context;

beforeEach(() => {
  account = createAccount({ shards: 2 });
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
    PATIENCE: { observe: {}, store: {}, register: {}, resync: {} },
    createClients: () => ({
      ecs: client,
      ssm: client,
      sns: client,
      serviceDiscovery: async () => client,
      ec2: async () => client,
      calls: { total: () => account.client.sent.length },
    }),
    sqsClient: async () => client,
    lambdaClient: async () => lambda,
  }));
});

afterAll(() => {
  for (const name of Object.keys(ENVIRONMENT)) delete process.env[name];
});

type Handler = (event: never, context: Context) => Promise<SQSBatchResponse>;

/** What Lambda's event source hands over of one queue. */
const eventOf = (queue: string, bodies: Readonly<Record<string, string>>, receives = 1) => ({
  Records: Object.entries(bodies).map(([messageId, body]) => ({
    messageId,
    receiptHandle: `receipt of ${messageId}`,
    body,
    eventSourceARN: `arn:aws:sqs:eu-west-1:111122223333:${queue}`,
    attributes: {
      ApproximateReceiveCount: String(receives),
      SentTimestamp: String(Date.now()),
      ApproximateFirstReceiveTimestamp: String(Date.now()),
    },
  })),
});

const sentTo = (operation: string) =>
  account.client.sent.filter((it) => it.operation === operation).map((it) => it.input);

describe('the observe Lambda', () => {
  async function invoke(queue: string, bodies: Record<string, string>, receives = 1) {
    const { handler } = await import('../../functions/observe/handler.ts');
    return (handler as unknown as Handler)(eventOf(queue, bodies, receives) as never, context);
  }

  it('announces what it can, keeps what it cannot say yet, and puts aside what will never be good', async () => {
    account.run({ number: 11 });
    const running = taskEvent({ number: 11 });
    const unknown = taskEvent({ number: 12 });
    expect(await invoke('runs', { running, unknown, poison: '{"hunter2"' }, 2)).toEqual({
      batchItemFailures: [{ itemIdentifier: 'unknown' }],
    });
    expect(account.announced().flatMap(({ changes }) => changes.map(({ taskId }) => taskId))).toEqual([idOf(11)]);
    expect(sentTo('PublishBatch')).toMatchObject([{ TopicArn: ENVIRONMENT.DISCOVERY_TOPIC_ARN }]);
    expect(sentTo('SendMessage')).toEqual([
      {
        QueueUrl: 'https://sqs/1/dead',
        MessageBody: '{"hunter2"',
        MessageAttributes: { reason: { DataType: 'String', StringValue: 'not JSON' } },
      },
    ]);
    expect(sentTo('ChangeMessageVisibilityBatch')).toEqual([
      {
        QueueUrl: 'https://sqs/1/runs',
        Entries: [{ Id: '0', ReceiptHandle: 'receipt of unknown', VisibilityTimeout: 2 }],
      },
    ]);
  });

  it('reads both of its queues, and remembers what it announced', async () => {
    const stopping = event({ number: 13, ...stopped }).body;
    expect(await invoke('stops', { stopping })).toEqual({ batchItemFailures: [] });
    expect(await invoke('runs', { late: taskEvent({ number: 13 }) })).toEqual({ batchItemFailures: [] });
    expect(account.asked()).toEqual(['PublishBatch']);
  });

  it('shows a message again in the queue that it came from', async () => {
    account.before = (operation) => {
      if (operation === 'PublishBatch') throw awsError('InternalErrorException');
    };
    for (const queue of ['runs', 'stops']) await invoke(queue, { stopping: event({ number: 15, ...stopped }).body });
    expect(sentTo('ChangeMessageVisibilityBatch').map(({ QueueUrl }) => QueueUrl)).toEqual([
      'https://sqs/1/runs',
      'https://sqs/1/stops',
    ]);
  });

  it('writes structured lines and metrics, and never an event', async () => {
    account.run({ number: 14 });
    await invoke('runs', { running: taskEvent({ number: 14 }), poison: '{"hunter2"' });
    expect(lines).toContainEqual(
      expect.objectContaining({ level: 'INFO', message: 'announced', service: 'observe', cluster: 'prod', upserts: 1 }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ service: 'observe', deployment: 'discovery', cluster: 'prod', TargetsUpserted: 1 }),
    );
    expect(lines).toContainEqual(expect.objectContaining({ PoisonEvents: 1 }));
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('has nothing to do for an event source without records', async () => {
    expect(await invoke('runs', {})).toEqual({ batchItemFailures: [] });
  });

  it('fails for a queue that is none of its own: somebody added an event source by hand', async () => {
    await expect(invoke('ops', { a: 'x' })).rejects.toThrow('queue ops is not in DISCOVERY_QUEUE_URLS');
  });
});

describe('the store Lambda', () => {
  async function invoke(bodies: Record<string, string>) {
    const { handler } = await import('../../functions/store/handler.ts');
    return (handler as unknown as Handler)(eventOf('store', bodies) as never, context);
  }
  const now = () => ({ observed: Math.floor(Date.now() / 1000) });

  it('writes what is announced, and announces the new version', async () => {
    expect(await invoke({ a: announcing([upsert(1, now())]).body })).toEqual({ batchItemFailures: [] });
    expect(account.published()).toEqual([1]);
    expect(account.messages.map(({ kind }) => kind)).toEqual(['notice']);
    expect(lines).toContainEqual(expect.objectContaining({ message: 'shard written', service: 'store' }));
  });

  it('leaves itself the time to settle its batch', async () => {
    remaining = 4000;
    const { batchItemFailures } = await invoke({ late: announcing([upsert(1, now())]).body });
    expect(batchItemFailures).toEqual([{ itemIdentifier: 'late' }]);
    expect(sentTo('ChangeMessageVisibilityBatch')).toHaveLength(1);
    expect(account.published()).toEqual([]);
  });
});

describe('the register Lambda', () => {
  it('registers and deregisters what is announced', async () => {
    const { instances } = account.addService('shop', OWNED);
    instances.set(idOf(2), {});
    account.run({ number: 1 });
    const { handler } = await import('../../functions/register/handler.ts');
    const change = announcing([upsert(1, { labels: IN_NAMESPACE }), stop(2, { service: 'shop' })]);
    const answer = await (handler as unknown as Handler)(
      eventOf('register', { change: change.body }) as never,
      context,
    );
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'change' }] });
    expect([...instances.keys()]).toEqual([idOf(1)]);
    expect(sentTo('ChangeMessageVisibilityBatch')).toMatchObject([{ Entries: [{ VisibilityTimeout: 120 }] }]);
  });
});

describe('the resync Lambda', () => {
  async function invoke(payload: unknown): Promise<ResyncSummary> {
    const { handler } = await import('../../functions/resync/handler.ts');
    return handler(payload as never, context);
  }
  const announcedTasks = () =>
    account.announced().flatMap(({ changes }) => changes.map(({ taskId }) => Number.parseInt(taskId, 16)));

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
    expect(announcedTasks()).toEqual([1]);
  });

  it('goes on in another invocation when its time is up', async () => {
    const [first, second] = [0, 1].map(
      (shard) => [1, 2, 3, 4, 5, 6].find((number) => shardOfTask(idOf(number), 2) === shard) ?? 0,
    );
    account.run({ number: first as number }, { number: second as number });
    remaining = 30_000;
    expect(await invoke({ force: true })).toMatchObject({ complete: false });
    expect(announcedTasks()).toEqual([first]);
    expect(lambda.sent.map(({ input }) => input)).toEqual([
      {
        FunctionName: 'resync',
        InvocationType: 'Event',
        Payload: '{"force":true,"resumeAt":{"cluster":"prod","shard":1}}',
      },
    ]);
    await invoke(JSON.parse(String(lambda.sent[0]?.input['Payload'])));
    expect(announcedTasks()).toContain(second);
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
    const { report } = createTelemetry('resync', 'discovery');
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
        Dimensions: [['service', 'deployment', 'cluster', 'reason']],
        Metrics: [{ Name: 'TasksSkipped', Unit: 'Count' }],
        values: { service: 'resync', deployment: 'discovery', cluster: 'prod', reason: 'no-address', TasksSkipped: 2 },
      },
      expect.objectContaining({ Metrics: [{ Name: 'EventAgeAtPublish', Unit: 'Milliseconds' }] }),
      expect.objectContaining({
        Dimensions: [['service', 'deployment', 'cluster']],
        Metrics: [{ Name: 'ShardFullness', Unit: 'Percent' }],
      }),
    ]);
  });
});
