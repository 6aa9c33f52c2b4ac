import { DescribeNetworkInterfacesCommand, EC2Client } from '@aws-sdk/client-ec2';
import { DescribeTasksCommand, ECSClient, ListTasksCommand } from '@aws-sdk/client-ecs';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, describe, expect, it } from '@jest/globals';
import { loopbackClientConfig } from '../../../infra/local/loopback.ts';
import { FAULTS, type Fault } from '../faults.ts';
import { FLEET_CLUSTER, startFleet } from '../fleet.ts';
import { discover } from '../sides/reference.ts';
import { startAccount } from './account.ts';
import { accountLimits } from './limits.ts';

const stack: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stack.splice(0).reverse()) await stop();
});

const aws = async ({ tasks = 4, services = 2 } = {}) => {
  const fleet = await startFleet({ tasks, services }, () => {});
  stack.push(fleet.close);
  let fault: Fault | undefined;
  const account = await startAccount({ plane: fleet.plane, fault: () => fault });
  stack.push(account.stop);
  const config = { ...loopbackClientConfig(account.endpoint), maxAttempts: 1 };
  return {
    ...{ fleet, account, ecs: new ECSClient(config), ec2: new EC2Client(config), ssm: new SSMClient(config) },
    fail: (what: string) => {
      fault = FAULTS.find((one) => one.what === what);
    },
  };
};

const cluster = FLEET_CLUSTER;
const nameOf = (asked: Promise<unknown>): Promise<string> =>
  asked.then(
    () => 'no error',
    (error) => error.name,
  );

describe('AWS as one discovery sees it', () => {
  it('answers about the fleet, and counts who asked what', async () => {
    const { account, ecs, ec2, fleet } = await aws();
    const { taskArns: tasks } = await ecs.send(new ListTasksCommand({ cluster }));
    const described = await ecs.send(new DescribeTasksCommand({ cluster, tasks }));
    expect(described.tasks?.map(({ lastStatus }) => lastStatus)).toEqual(Array(4).fill('RUNNING'));
    const NetworkInterfaceIds = ['eni-1', 'eni-2'];
    const { NetworkInterfaces } = await ec2.send(new DescribeNetworkInterfacesCommand({ NetworkInterfaceIds }));
    expect(NetworkInterfaces?.map(({ NetworkInterfaceId }) => NetworkInterfaceId)).toEqual(NetworkInterfaceIds);
    expect(Object.fromEntries(account.calls())).toEqual({
      'ecs ListTasks': 1,
      'ecs DescribeTasks': 1,
      'ec2 DescribeNetworkInterfaces': 1,
    });
    expect(fleet.targets().size).toBe(4);
  });

  it('pages a list of tasks as it was at its first page', async () => {
    const { ecs, fleet } = await aws({ tasks: 150 });
    const first = await ecs.send(new ListTasksCommand({ cluster }));
    for (let stops = 0; stops < 60; stops++) await fleet.stop();
    const second = await ecs.send(new ListTasksCommand({ cluster, nextToken: first.nextToken }));
    expect([first.taskArns?.length, second.taskArns?.length, second.nextToken]).toEqual([100, 50, undefined]);
    const now = await ecs.send(new ListTasksCommand({ cluster }));
    expect(now.taskArns).toHaveLength(90);
  });

  it('throttles and denies while a fault says so', async () => {
    const { ecs, ec2, ssm, fail } = await aws();
    const list = () => nameOf(ecs.send(new ListTasksCommand({ cluster })));
    fail('ListTasks throttled');
    expect(await list()).toBe('ThrottlingException');
    fail('DescribeTasks denied');
    expect(await list()).toBe('no error');
    expect(await nameOf(ecs.send(new DescribeTasksCommand({ cluster, tasks: ['a'] })))).toBe('AccessDeniedException');
    fail('EC2 throttled');
    expect(await nameOf(ec2.send(new DescribeNetworkInterfacesCommand({})))).toBe('RequestLimitExceeded');
    fail('SSM throttled');
    expect(await nameOf(ssm.send(new GetParameterCommand({ Name: 'any' })))).toBe('ThrottlingException');
  });

  it('could not look at some tasks while a fault says so', async () => {
    const { ecs, fail } = await aws({ tasks: 60 });
    const { taskArns: tasks = [] } = await ecs.send(new ListTasksCommand({ cluster }));
    fail('DescribeTasks: half of the tasks as failures');
    const answer = await ecs.send(new DescribeTasksCommand({ cluster, tasks }));
    const failed = answer.failures?.map(({ arn }) => arn) ?? [];
    expect(failed).toEqual(tasks.filter((arn) => /[02468ace]$/.test(arn)));
    expect(answer.tasks).toHaveLength(60 - failed.length);
  });
});

it("an account's limits are its burst, and then its rate", () => {
  const takes = accountLimits();
  const puts = (now: number) => Array.from({ length: 10 }, () => takes('ssm', 'PutParameter', now)).filter(Boolean);
  expect([puts(1000).length, puts(2000).length]).toEqual([3, 3]);
  expect(takes('cloudMap', 'ListNamespaces', 2000)).toBe(true);
});

describe("the reference's sidecar, by its calls", () => {
  it('finds the tasks of all services', async () => {
    const { account, fleet } = await aws();
    const groups = await discover(account.endpoint);
    expect(new Set(groups.flatMap(({ targets }) => targets))).toEqual(fleet.targets());
    expect(Object.fromEntries(account.calls())).toEqual({
      'ssm GetParameter': 1,
      'cloudMap ListNamespaces': 1,
      'cloudMap ListServices': 1,
      'cloudMap ListTagsForResource': 2,
      'cloudMap ListInstances': 2,
    });
  });

  it('reads one page of instances', async () => {
    const { account } = await aws({ tasks: 130, services: 1 });
    expect(await discover(account.endpoint)).toHaveLength(100);
  });

  it('goes on with nothing after an error', async () => {
    const { account, fail } = await aws();
    fail('SSM throttled');
    expect(await discover(account.endpoint)).toEqual([]);
  }, 60_000);
});
