import { readFile } from 'node:fs/promises';
import { describe, expect, it } from '@jest/globals';
import { parseTask } from '../../../functions/discovery/task/task.ts';
import { ecsApi } from '../../../infra/local/ecs/api.ts';
import type { Task } from '../../../infra/local/ecs/model.ts';
import { taskDescription } from '../../../infra/local/ecs/task-description.ts';
import { taskEventDetail } from '../../../infra/local/ecs/task-event.ts';
import { taskAt } from '../../../infra/local/ecs/task-history.ts';
import { localCluster, runningCluster, WEBAPP_CONTAINER } from './local-cluster.ts';

const ways = (changes: readonly Task[], id: string): string[] =>
  changes
    .filter((task) => task.id === id)
    .map((task) => `${task.version} ${task.lastStatus}${task.desiredStatus === 'STOPPED' ? '/stop' : ''}`);

const UP = ['1 PROVISIONING', '2 PENDING', '3 ACTIVATING', '4 RUNNING'];

describe('a task', () => {
  it('comes up through the states of ECS, a version and an event each', async () => {
    const { changes } = await runningCluster(1);
    expect(ways(changes, changes[0]?.id ?? '')).toEqual(UP);
  });

  it('is RUNNING with desired status STOPPED first when it stops', async () => {
    const { api, changes, settled } = await runningCluster(1);
    api('UpdateService', { cluster: 'local', service: 'webapp', desiredCount: 0 });
    await settled();
    expect(ways(changes, changes[0]?.id ?? '')).toEqual([
      ...UP,
      '5 RUNNING/stop',
      '6 DEACTIVATING/stop',
      '7 STOPPING/stop',
      '8 DEPROVISIONING/stop',
      '9 STOPPED/stop',
    ]);
  });

  it('whose process is killed stops with exit code 137 and is replaced', async () => {
    const { plane, kill, settled } = await runningCluster(2);
    const [victim] = plane.tasks();
    if (victim === undefined) throw new Error('no task');
    kill(victim);
    await settled();
    expect(victim).toMatchObject({ lastStatus: 'STOPPED', stopCode: 'EssentialContainerExited', exitCode: 137 });
    expect(plane.tasks().filter(({ lastStatus }) => lastStatus === 'RUNNING')).toHaveLength(2);
  });

  it('whose process cannot be started stops and says why', async () => {
    const cluster = localCluster(() => Promise.reject(new Error('no such image')));
    cluster.api('RegisterTaskDefinition', { family: 'webapp', containerDefinitions: [WEBAPP_CONTAINER] });
    cluster.api('CreateService', {
      cluster: 'local',
      serviceName: 'webapp',
      taskDefinition: 'webapp',
      desiredCount: 1,
    });
    await new Promise((resolve) => setTimeout(resolve, 20));
    cluster.api('UpdateService', { cluster: 'local', service: 'webapp', desiredCount: 0 });
    await cluster.settled();
    expect(cluster.plane.tasks()[0]).toMatchObject({ lastStatus: 'STOPPED', stopCode: 'TaskFailedToStart' });
  });

  it('is the same to the product in an event and in DescribeTasks, though the two are shaped differently', async () => {
    const { plane } = await runningCluster(1);
    const [task] = plane.tasks();
    if (task === undefined) throw new Error('no task');
    const event = taskEventDetail(task);
    const described = taskDescription(task);
    expect(event.attachments[0]?.type).toBe('eni');
    expect(described.attachments[0]?.type).toBe('ElasticNetworkInterface');
    expect(parseTask(JSON.parse(JSON.stringify(event)))).toEqual(parseTask(described));
    expect(parseTask(event)).toMatchObject({ address: task.address, service: 'webapp', version: 4 });
  });

  it('has no field in its event that a real event of AWS lacks', async () => {
    const { plane } = await runningCluster(1);
    const [task] = plane.tasks();
    if (task === undefined) throw new Error('no task');
    const real = JSON.parse(
      await readFile(new URL('../../fixtures/events/real/fargate-running.json', import.meta.url), 'utf8'),
    );
    expect(Object.keys(real.detail)).toEqual(expect.arrayContaining(Object.keys(taskEventDetail(task))));
  });
});

describe('a task with a health check', () => {
  const CHECK = { command: ['CMD-SHELL', 'exit 1'], interval: 5, retries: 2 };

  /** A running task whose check answers these, then the last of them for ever. */
  const checkedTask = async (service: string | undefined, answers: readonly boolean[]) => {
    let asked = 0;
    const { promise: over, resolve } = Promise.withResolvers<void>();
    const check = async (): Promise<boolean> => {
      if (asked === answers.length) resolve();
      return answers[Math.min(asked++, answers.length - 1)] ?? true;
    };
    const { promise: ended } = Promise.withResolvers<string>();
    const cluster = localCluster(async () => ({ pid: 1, ended, check, stop: async () => {} }));
    const definition = [{ ...WEBAPP_CONTAINER, healthCheck: CHECK }];
    const taskDefinition = cluster.plane.registerTaskDefinition('checked', definition, { cpu: '256', memory: '512' });
    const task = cluster.plane.runTask({ taskDefinition, service });
    return { ...cluster, task, over };
  };

  it('is UNHEALTHY after as many failures in a row as it allows, and HEALTHY when one succeeds', async () => {
    const { task, over, plane, api } = await checkedTask(undefined, [false, true, false, false]);
    expect(taskDescription(task).healthStatus).toBe('UNKNOWN');
    await over;
    const described = api('DescribeTasks', { cluster: 'local', tasks: [task.id] });
    expect(described).toMatchObject({ tasks: [{ lastStatus: 'RUNNING', healthStatus: 'UNHEALTHY' }] });
    await plane.stopTask(task, 'enough');
  });

  it('is HEALTHY after its first success', async () => {
    const { task, over, plane } = await checkedTask(undefined, [true, true]);
    await over;
    expect(task.health).toBe('HEALTHY');
    await plane.stopTask(task, 'enough');
  });

  it('that belongs to a service is stopped when it is UNHEALTHY', async () => {
    const { task, settled } = await checkedTask('web', [false, false]);
    await settled();
    expect(task).toMatchObject({ lastStatus: 'STOPPED', stoppedReason: 'Task failed container health checks' });
  });
});

describe('a daemon', () => {
  it('has a task on each container instance, and no more', async () => {
    const { plane, api, settled } = localCluster();
    for (const id of ['a', 'b', 'c']) plane.containerInstances.set(id, `i-${id}`);
    api('RegisterTaskDefinition', { family: 'agent', networkMode: 'host', containerDefinitions: [WEBAPP_CONTAINER] });
    const service = { serviceName: 'agent', taskDefinition: 'agent', schedulingStrategy: 'DAEMON' };
    expect(api('CreateService', { cluster: 'local', ...service })).toMatchObject({
      service: { desiredCount: 3, schedulingStrategy: 'DAEMON', launchType: 'EC2' },
    });
    await settled();
    expect(
      plane
        .tasks()
        .map(({ containerInstance }) => containerInstance)
        .sort(),
    ).toEqual(['a', 'b', 'c']);
  });
});

describe('a task on its own', () => {
  it('belongs to its family, and is not replaced', async () => {
    const { plane, api, kill, settled } = await runningCluster(0);
    api('RunTask', { cluster: 'local', taskDefinition: 'webapp' });
    await settled();
    const [task] = plane.tasks();
    if (task === undefined) throw new Error('no task');
    expect(taskDescription(task)).toMatchObject({ group: 'family:webapp', lastStatus: 'RUNNING' });
    kill(task);
    await settled();
    expect(plane.tasks()).toHaveLength(1);
    const description = taskDescription(task);
    expect(description).toMatchObject({ containers: [{ exitCode: 137, reason: 'signal SIGKILL' }] });
  });
});

describe('a task in bridge mode', () => {
  const BINDING = { bindIP: '0.0.0.0', containerPort: 3000, hostPort: 32768, protocol: 'tcp' };

  const bridgeTask = async () => {
    const { promise: ended } = Promise.withResolvers<string>();
    const cluster = localCluster(async () => ({ pid: 1, ended, bindings: [BINDING], stop: async () => {} }));
    cluster.plane.containerInstances.set('host1', 'i-1');
    const { plane, settled } = cluster;
    const size = { cpu: '256', memory: '512', networkMode: 'bridge' } as const;
    const taskDefinition = plane.registerTaskDefinition('legacy', [WEBAPP_CONTAINER], size);
    const task = plane.runTask({ taskDefinition, containerInstance: 'host1' });
    await settled();
    return { ...cluster, task };
  };

  it('has a port on its host, and no network interface', async () => {
    const { task, api } = await bridgeTask();
    expect(parseTask(JSON.parse(JSON.stringify(taskEventDetail(task))))).toEqual(parseTask(taskDescription(task)));
    const description = taskDescription(task);
    expect(description).toMatchObject({
      attachments: [],
      launchType: 'EC2',
      containers: [{ networkBindings: [BINDING] }],
    });
    const containerInstances = ['containerInstanceArn' in description ? description.containerInstanceArn : ''];
    expect(api('DescribeContainerInstances', { cluster: 'local', containerInstances })).toMatchObject({
      containerInstances: [{ ec2InstanceId: 'i-1' }],
    });
  });

  it('may have another port after its container restarted, and is remembered as it was', async () => {
    const { task, plane, pass } = await bridgeTask();
    const before = task.updatedAt;
    pass(1000);
    plane.restartContainer(task, [{ ...BINDING, hostPort: 40_000 }]);
    expect(task).toMatchObject({ version: 3, bindings: [{ hostPort: 40_000 }] });
    expect(taskAt(task, before)).toMatchObject({ version: 2, bindings: [{ hostPort: 32768 }] });
    expect(taskAt(task, before - 1)).toBeUndefined();
  });
});

describe('a reader of ECS', () => {
  it('may see the past, and may hear nothing, a failure or MISSING of a task', async () => {
    const { plane, settled, pass } = await runningCluster(4);
    await settled();
    const ids = plane.tasks().map(({ id }) => id);
    const asOf = plane.tasks()[0]?.updatedAt ?? 0;
    pass(1000);
    for (const task of plane.tasks()) void plane.stopTask(task, 'a test');
    const answers = ['task', 'missing', 'failure', 'nothing'] as const;
    const api = ecsApi(plane, {
      asOf: () => asOf,
      lists: ({ id }) => id !== ids[0],
      describes: (id) => answers[ids.indexOf(id)] ?? 'task',
    });
    expect(api('DescribeTasks', { cluster: 'local', tasks: ids })).toMatchObject({
      tasks: [{ desiredStatus: 'RUNNING' }],
      failures: [{ reason: 'MISSING' }, { reason: 'INTERNAL' }],
    });
    expect((api('ListTasks', { cluster: 'local' }) as { taskArns: string[] }).taskArns).toHaveLength(3);
  });
});

describe('a task definition', () => {
  it('is described after it was deregistered, and no longer after it was deleted', async () => {
    const { api } = await runningCluster(0);
    expect(() => api('DeleteTaskDefinitions', { taskDefinitions: ['webapp:1'] })).toThrow('deregistered');
    api('DeregisterTaskDefinition', { taskDefinition: 'webapp:1' });
    expect(api('DescribeTaskDefinition', { taskDefinition: 'webapp:1' })).toMatchObject({
      taskDefinition: { status: 'INACTIVE' },
    });
    api('DeleteTaskDefinitions', { taskDefinitions: ['webapp:1'] });
    expect(() => api('DescribeTaskDefinition', { taskDefinition: 'webapp:1' })).toThrow('Unable to describe');
  });
});

describe('a service', () => {
  it('whose tasks somebody else starts is left alone', async () => {
    const { plane, settled } = await runningCluster(0);
    const taskDefinition = plane.taskDefinition('webapp');
    if (taskDefinition === undefined) throw new Error('no task definition');
    plane.createService({
      ...{ name: 'theirs', taskDefinition, desiredCount: 3, serviceRegistries: [] },
      deploymentController: 'EXTERNAL',
    });
    plane.runTask({ taskDefinition, service: 'theirs' });
    await settled();
    expect(plane.tasks()).toHaveLength(1);
  });

  it('rolls to a new revision by starting its tasks before it stops the old ones', async () => {
    const { api, plane, changes, settled } = await runningCluster(3);
    api('RegisterTaskDefinition', { family: 'webapp', containerDefinitions: [WEBAPP_CONTAINER] });
    api('UpdateService', { cluster: 'local', service: 'webapp', taskDefinition: 'webapp:2' });
    await settled();
    const running = plane.tasks().filter(({ desiredStatus }) => desiredStatus === 'RUNNING');
    expect(running.map(({ taskDefinition }) => taskDefinition.revision)).toEqual([2, 2, 2]);
    const lastStart = changes.findLastIndex(
      ({ lastStatus, desiredStatus }) => `${lastStatus}${desiredStatus}` === 'RUNNINGRUNNING',
    );
    const firstStop = changes.findIndex(({ desiredStatus }) => desiredStatus === 'STOPPED');
    expect(firstStop).toBeGreaterThan(lastStart);
  });

  it('that is scaled up and down at once ends at the last count', async () => {
    const { api, plane, settled } = await runningCluster(1);
    for (const desiredCount of [7, 2, 5, 3]) {
      api('UpdateService', { cluster: 'local', service: 'webapp', desiredCount });
    }
    await settled();
    expect(plane.tasks().filter(({ lastStatus }) => lastStatus === 'RUNNING')).toHaveLength(3);
  });
});
