import { PutParameterCommand } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DEFAULT_DEPLOYMENT } from '../../functions/discovery/names.ts';
import { type DeployedDiscovery, deployedDiscovery } from './deployed-discovery.ts';
import { type Event, type Json, taskId } from './events.ts';
import { addressOf, aTask, defineTasks, happen, isScraped, linesAbout, SECRET } from './many-tasks.ts';
import { until } from './until.ts';

const NAMESPACES = 'team-namespaces';

jest.setTimeout(60_000);

describe('the deployed discovery, given what is wrong', () => {
  let discovery: DeployedDiscovery;

  beforeAll(async () => {
    discovery = await deployedDiscovery({
      name: 'bad-input',
      settings: { clusters: 'dev-public', namespacesParameter: NAMESPACES, resyncSchedule: 'off' },
      prepare: async ({ ecs }) => defineTasks(ecs),
    });
  }, 180_000);

  afterAll(() => discovery?.stop());

  /** Takes dead letters until there are so many, and looks whether there are more. */
  const deadLetters = async (count: number, queueUrl?: string) => {
    const found = new Map<string, string | undefined>();
    await until(`${count} dead letters`, async () => {
      for (const { Body = '', MessageAttributes } of await discovery.takeDeadLetters(queueUrl)) {
        found.set(Body, MessageAttributes?.['reason']?.StringValue);
      }
      return found.size >= count || undefined;
    });
    return found;
  };

  describe('with the namespaces parameter', () => {
    let waiting: Event;

    it('missing: says how to create it, keeps the message, and handles the tasks that need no namespace', async () => {
      waiting = aTask({ group: 'service:orders' });
      const standalone = aTask();
      await happen(discovery, waiting, standalone);
      await isScraped(discovery, standalone);
      const line = await discovery.untilLogged({ message: 'message is tried again' });
      expect(line).toMatchObject({ level: 'WARN', receiveCount: 1, seconds: 1 });
      expect(line['error']).toBe(
        `NamespacesParameterMissing: parameter ${NAMESPACES} does not exist: create it with the comma-separated names of your Cloud Map namespaces`,
      );
      expect(await discovery.addressesOf('dev-public')).toEqual([addressOf(standalone)]);
    });

    it('naming a namespace that does not exist: says so, and scrapes the task all the same', async () => {
      await discovery.ssm.send(new PutParameterCommand({ Name: NAMESPACES, Value: 'nowhere', Type: 'String' }));
      await isScraped(discovery, waiting);
      expect(await discovery.untilLogged({ message: 'namespace does not exist' })).toMatchObject({
        level: 'WARN',
        namespace: 'nowhere',
        parameter: NAMESPACES,
      });
      await discovery.untilObserved();
    });
  });

  describe('with messages that are no task events', () => {
    const shown = aTask();
    const malformed: readonly [string, string, string][] = [
      ['no JSON', `{"detail": ${SECRET}`, 'not JSON'],
      ['no object', 'null', 'not an "ECS Task State Change" event: missing or wrong the event itself'],
      ['an empty object', '{}', 'not an "ECS Task State Change" event: missing or wrong source, detail-type, time'],
      ['another event', JSON.stringify({ ...shown, source: 'aws.ec2' }), 'missing or wrong source'],
      ['no time', JSON.stringify({ ...shown, time: 'yesterday' }), 'time is not a date'],
      ['no detail', JSON.stringify({ ...shown, detail: null }), 'not a task: missing or wrong the task itself'],
      [
        'wrong types',
        JSON.stringify({ ...shown, detail: { ...shown.detail, version: '5', containers: [{ name: 7 }] } }),
        'not a task: missing or wrong version, containers.0.name',
      ],
      [
        'an ARN of something else',
        JSON.stringify({ ...shown, detail: { ...shown.detail, taskArn: 'arn:aws:s3:::bucket' } }),
        'not a task: missing or wrong taskArn',
      ],
    ];

    it('puts each aside with the reason, and handles the good events of the batch', async () => {
      const good = aTask();
      for (const [, body] of malformed) await discovery.enqueue(body);
      await happen(discovery, good);
      await isScraped(discovery, good);
      const found = await deadLetters(malformed.length);
      expect(found.size).toBe(malformed.length);
      for (const [what, body, reason] of malformed) {
        expect([what, found.get(body)]).toEqual([what, expect.stringContaining(reason)]);
      }
      const putAside = () => linesAbout(discovery, /message put aside in the dead-letter queue/);
      await until('all the lines', async () => (await putAside()).length >= malformed.length || undefined);
      expect(await putAside()).toHaveLength(malformed.length);
    });

    it('also one that EventBridge let through', async () => {
      const { taskArn, ...rest }: Json = aTask().detail;
      await discovery.send({ ...aTask(), detail: rest });
      const [reason] = (await deadLetters(1)).values();
      expect(reason).toContain('taskArn');
      expect(taskArn).toBeDefined();
    });
  });

  describe('with announcements that nobody of ours made', () => {
    const announcement = (change: Json) =>
      JSON.stringify({ v: 1, deployment: DEFAULT_DEPLOYMENT, cluster: 'dev-public', ...change });
    const forged: readonly [string, string, string][] = [
      ['no JSON', SECRET, 'not JSON'],
      ['another format', announcement({ v: 2 }), 'missing or wrong v'],
      [
        'a target whose address is a name',
        announcement({
          upserts: [{ labels: {}, targets: [{}], tasks: [['a'.repeat(32), 1, 1, 'metrics.example.com', 80]] }],
        }),
        'missing or wrong upserts',
      ],
      [
        'a label that Prometheus keeps to itself',
        announcement({
          upserts: [
            { labels: {}, targets: [{ __address__: '10.0.0.1:22' }], tasks: [['a'.repeat(32), 1, 1, '10.0.0.1', 80]] },
          ],
        }),
        'missing or wrong upserts',
      ],
      ['a stop without a task', announcement({ stopped: [['../etc', 1, 1]] }), 'missing or wrong stopped'],
    ];

    it.each<'store' | 'register'>(['store', 'register'])('%s puts each aside with the reason', async (stage) => {
      const { queues, functions } = discovery.deployment;
      const queue = { store: queues.store, register: queues.register }[stage];
      const aside = { store: queues.storeDeadLetters, register: queues.registerDeadLetters }[stage];
      for (const [, body] of forged) await discovery.enqueue(body, queue);
      const found = await deadLetters(forged.length, aside);
      expect(found.size).toBe(forged.length);
      for (const [what, body, reason] of forged) {
        expect([what, found.get(body)]).toEqual([what, expect.stringContaining(reason)]);
      }
      const text = (await discovery.logText(functions[stage] ?? '')).join('\n');
      expect(text).toContain('message put aside');
      expect(text).not.toContain(SECRET);
    });

    it('leaves those of another deployment alone', async () => {
      const before = await discovery.versions('dev-public');
      const body = announcement({ deployment: 'another', stopped: [['a'.repeat(32), 1, 1]] });
      await discovery.enqueue(body, discovery.deployment.queues.store);
      await discovery.untilLogged(
        { message: 'announcement is not for this deployment', deployment: 'another' },
        discovery.deployment.functions.store,
      );
      expect(await discovery.versions('dev-public')).toEqual(before);
      expect(await discovery.takeDeadLetters(discovery.deployment.queues.storeDeadLetters)).toEqual([]);
    });
  });

  it('leaves out a task of a cluster that nobody watches, which is no reason for a dead letter', async () => {
    const stray = aTask({ cluster: 'somewhere-else' });
    await discovery.send(stray);
    await discovery.enqueue(JSON.stringify(stray));
    expect(await discovery.untilLogged({ taskId: taskId(stray) })).toMatchObject({
      message: 'task of a cluster that is not watched',
      cluster: 'somewhere-else',
    });
    await discovery.untilObserved();
    // EventBridge kept the first one away.
    expect(await linesAbout(discovery, /not watched/)).toHaveLength(1);
    expect(await discovery.takeDeadLetters()).toEqual([]);
  });

  it('has never written the content of an event into its log', async () => {
    const text = (await discovery.logText(discovery.deployment.functions.observe)).join('\n');
    expect(text).toContain('message is tried again');
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain('containerOverrides');
  });
});
