import { describe, expect, it } from '@jest/globals';
import { localCluster, runningCluster, WEBAPP_CONTAINER } from './local-cluster.ts';

const cluster = 'local';

const errorName = (act: () => unknown): string => {
  try {
    act();
    return 'no error';
  } catch (error) {
    return error instanceof Error ? error.name : 'not an Error';
  }
};

describe('the limits of the ECS API', () => {
  it('pages ListTasks by 100', async () => {
    const { api } = await runningCluster(130);
    const first = api('ListTasks', { cluster }) as { taskArns: string[]; nextToken?: string };
    const second = api('ListTasks', { cluster, nextToken: first.nextToken }) as typeof first;
    expect([first.taskArns.length, second.taskArns.length, second.nextToken]).toEqual([100, 30, undefined]);
    expect(new Set([...first.taskArns, ...second.taskArns]).size).toBe(130);
  });

  it.each([
    ['more than 100 tasks', 'DescribeTasks', { cluster, tasks: Array.from({ length: 101 }, (_, i) => `t${i}`) }],
    ['what cannot be a task', 'DescribeTasks', { cluster, tasks: ['0123456789abcdef0123456789abcdef', 'by-hand'] }],
    ['no task', 'DescribeTasks', { cluster, tasks: [] }],
    ['more than 10 services', 'DescribeServices', { cluster, services: Array.from({ length: 11 }, (_, i) => `s${i}`) }],
    ['a page of 101', 'ListTasks', { cluster, maxResults: 101 }],
    ['a token that is none', 'ListTasks', { cluster, nextToken: '!' }],
    ['a negative count', 'UpdateService', { cluster, service: 'webapp', desiredCount: -1 }],
    ['the wrong type', 'DescribeTasks', { cluster, tasks: 'all' }],
  ])('refuses %s', (_, operation, request) => {
    expect(errorName(() => localCluster().api(operation, request))).toBe('InvalidParameterException');
  });

  it.each([
    ['ClusterNotFoundException', 'ListTasks', { cluster: 'elsewhere' }],
    ['ClusterNotFoundException', 'ListTasks', {}],
    ['ServiceNotFoundException', 'ListTasks', { cluster, serviceName: 'nobody' }],
    ['ServiceNotFoundException', 'UpdateService', { cluster, service: 'nobody' }],
    ['ClientException', 'DescribeTaskDefinition', { taskDefinition: 'nothing:1' }],
    ['UnsupportedOperationException', 'DeleteCluster', { cluster }],
  ])('answers %s to %s %j', (name, operation, request) => {
    expect(errorName(() => localCluster().api(operation, request))).toBe(name);
  });

  it.each([
    ['awsvpc', 3000],
    ['host', 3000],
    ['bridge', 0],
  ])('says the host port of a task definition in mode %s: %d', (networkMode, hostPort) => {
    const { api } = localCluster();
    const registered = api('RegisterTaskDefinition', {
      ...{ family: 'webapp', networkMode, containerDefinitions: [WEBAPP_CONTAINER] },
    });
    const portMappings = [{ containerPort: 3000, hostPort, protocol: 'tcp' }];
    expect(registered).toMatchObject({ taskDefinition: { containerDefinitions: [{ portMappings }] } });
  });

  it('describes its cluster, by name or by ARN, and says MISSING for another one', () => {
    const clusters = ['arn:aws:ecs:us-east-1:000000000000:cluster/local', 'default'];
    expect(localCluster().api('DescribeClusters', { clusters })).toMatchObject({
      clusters: [{ clusterName: 'local', status: 'ACTIVE' }],
      failures: [{ arn: 'arn:aws:ecs:us-east-1:000000000000:cluster/default', reason: 'MISSING' }],
    });
  });

  it('says MISSING for a task it does not know, by id or by ARN', async () => {
    const { api, plane } = await runningCluster(1);
    const known = plane.tasks()[0]?.arn ?? '';
    const arn = 'arn:aws:ecs:us-east-1:000000000000:task/local/0123456789abcdef0123456789abcdef';
    const answer = api('DescribeTasks', { cluster, tasks: [known, arn] });
    expect(answer).toMatchObject({ tasks: [{ taskArn: known }], failures: [{ arn, reason: 'MISSING' }] });
  });

  it('shows a stopped task for an hour', async () => {
    const { api, plane, pass, settled } = await runningCluster(1);
    const id = plane.tasks()[0]?.id ?? '';
    api('UpdateService', { cluster, service: 'webapp', desiredCount: 0 });
    await settled();
    pass(59 * 60_000);
    expect(api('DescribeTasks', { cluster, tasks: [id] })).toMatchObject({ tasks: [{ lastStatus: 'STOPPED' }] });
    expect(api('ListTasks', { cluster })).toEqual({ taskArns: [] });
    expect(api('ListTasks', { cluster, desiredStatus: 'STOPPED' })).toMatchObject({ taskArns: [expect.any(String)] });
    pass(2 * 60_000);
    expect(api('DescribeTasks', { cluster, tasks: [id] })).toMatchObject({
      tasks: [],
      failures: [{ reason: 'MISSING' }],
    });
  });

  it('keeps revisions of a task definition with their docker labels', () => {
    const { api } = localCluster();
    api('RegisterTaskDefinition', { family: 'webapp', containerDefinitions: [WEBAPP_CONTAINER] });
    api('RegisterTaskDefinition', {
      family: 'webapp',
      containerDefinitions: [{ ...WEBAPP_CONTAINER, dockerLabels: {} }],
    });
    expect(api('DescribeTaskDefinition', { taskDefinition: 'webapp:1' })).toMatchObject({
      taskDefinition: { revision: 1, containerDefinitions: [{ dockerLabels: WEBAPP_CONTAINER.dockerLabels }] },
    });
    expect(api('DescribeTaskDefinition', { taskDefinition: 'webapp' })).toMatchObject({
      taskDefinition: { revision: 2 },
    });
  });
});
