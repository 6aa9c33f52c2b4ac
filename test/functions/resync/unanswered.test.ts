import { beforeEach, describe, expect, it } from '@jest/globals';
import { type Account, createAccount, NAMESPACES_PARAMETER, SELECTING } from '../../factories/account.ts';
import { DAY, resyncOnce, someTasks } from '../../factories/resyncs.ts';
import { fail, targetsOf } from '../../factories/stages.ts';
import { idOf } from '../../factories/tasks.ts';

let account: Account;

beforeEach(() => {
  account = createAccount();
  account.run(...someTasks(3));
  account.publish(someTasks(3).map((it) => targetsOf(it)));
});

const keepsAll = async () => {
  const summary = await resyncOnce(account);
  expect(summary.removed).toBe(0);
  expect(account.published()).toEqual([1, 2, 3]);
  return summary;
};
const answerOf = (operation: string, change: (answer: Record<string, unknown>) => Record<string, unknown>) => {
  account.answer = (asked, answer) => (asked === operation ? change(answer) : answer);
};
const TAGS = { METRICS_PATH: '/metrics', METRICS_PORT: '3000' };

describe('what AWS does not say removes nothing', () => {
  it.each(['ThrottlingException', 'TimeoutError'])('DescribeTasks fails: %s', async (error) => {
    fail(account, 'DescribeTasks', error);
    expect((await keepsAll()).problems).toHaveLength(3);
  });

  it('an answer that is empty', async () => {
    answerOf('DescribeTasks', () => ({}));
    expect((await keepsAll()).problems).toContain(`task ${idOf(1)}: Error: DescribeTasks did not mention the task`);
  });

  it('a task that is listed but missing', async () => {
    answerOf('DescribeTasks', () => ({ failures: [1, 2, 3].map((it) => ({ arn: idOf(it), reason: 'MISSING' })) }));
    expect((await keepsAll()).problems).toContain(`task ${idOf(2)}: Error: ECS lists the task but does not know it`);
  });

  it('a list that leaves running tasks out', async () => {
    answerOf('ListTasks', () => ({ taskArns: [] }));
    expect(await keepsAll()).toMatchObject({ checked: 3, unchanged: 3 });
  });

  it.each(['ListTasks', 'GetParameters', 'ListNamespaces'])('%s fails', async (operation) => {
    account.definitions.set('shop', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
    fail(account, operation, 'InternalServerError', 'no');
    expect((await keepsAll()).problems.join()).toContain('InternalServerError: no');
  });

  it('a task definition that cannot be described', async () => {
    fail(account, 'DescribeTaskDefinition');
    expect(await keepsAll()).toMatchObject({ unchanged: 0 });
  });

  it('a host that is left out of the answer', async () => {
    account.definitions.set('shop', {
      networkMode: 'host',
      containerDefinitions: [{ name: 'web', dockerLabels: SELECTING }],
    });
    account.run(...someTasks(3, { host: 'h1', version: 4 }));
    await keepsAll();
    account.hosts.set('h1', '172.31.0.1');
    expect(await resyncOnce(account)).toMatchObject({ updated: 3 });
  });

  it('a namespace that does not exist', async () => {
    account.definitions.set('shop', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
    account.addService('shop', TAGS);
    account.parameters.write(NAMESPACES_PARAMETER, 'ecs-servises');
    expect((await keepsAll()).problems.join()).toContain(
      `namespace ecs-servises of parameter ${NAMESPACES_PARAMETER} does not exist`,
    );
  });

  it('tags that are remembered from before they were set', async () => {
    account.definitions.set('shop', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
    account.addService('shop');
    await account.deps.cloudMapLookup.of('prod', 'shop');
    account.clock.advance(1000);
    account.addService('shop', TAGS);
    await keepsAll();
  });

  it('an interface that is left out of the answer', async () => {
    answerOf('DescribeTasks', (answer) => ({
      ...answer,
      tasks: (answer['tasks'] as object[]).map((task) => ({ ...task, attachments: [] })),
    }));
    expect((await keepsAll()).problems).toContain(
      `task ${idOf(1)}: AnswerIncomplete: the task has no network interface with a private address`,
    );
  });

  it('a service that is left out of the answer', async () => {
    account.definitions.set('shop', { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
    account.addService('registry-of-shop', TAGS);
    account.managed.set('shop', ['registry-of-shop']);
    answerOf('DescribeServices', () => ({ failures: [] }));
    await keepsAll();
  });

  it('a task that seems to start, though it is published', async () => {
    account.run({ number: 1, lastStatus: 'PENDING', version: 2 });
    expect((await keepsAll()).problems.join()).toContain('ECS shows the task before it ran');
  });
});

describe('what AWS says is used, whatever it does not say beside', () => {
  it('a task that is known is added while another is not', async () => {
    account.run({ number: 4 });
    answerOf('DescribeTasks', (answer) => ({
      ...answer,
      tasks: (answer['tasks'] as { taskArn: string }[]).filter(({ taskArn }) => !taskArn.endsWith('1')),
    }));
    expect(await resyncOnce(account)).toMatchObject({ added: 1, unchanged: 2, removed: 0 });
    expect(account.published()).toEqual([1, 2, 3, 4]);
  });

  it('a task that nothing selects any more is deselected, and may come back', async () => {
    account.run({ number: 1, family: 'plain', version: 4 });
    expect(await resyncOnce(account)).toMatchObject({ removed: 1, ignored: 1 });
    expect(account.published()).toEqual([2, 3]);
    account.clock.advance(DAY);
    account.run({ number: 1, version: 5 });
    await resyncOnce(account);
    expect(account.published()).toEqual([1, 2, 3]);
  });
});
