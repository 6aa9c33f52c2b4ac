/** Containers as processes of this machine. */
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { ContainerDefinition, NetworkMode, Task, Workload } from '../../../infra/local/ecs/model.ts';
import { launcher } from '../../../infra/local/workloads/launch.ts';
import { localCluster, WEBAPP_CONTAINER } from '../ecs/local-cluster.ts';
import { until } from '../until.ts';

jest.setTimeout(30_000);

const HOST = '127.83.0.1';
const launch = launcher((id) => (id === 'host' ? HOST : undefined));
const started: Workload[] = [];

afterEach(async () => {
  await Promise.all(started.splice(0).map((workload) => workload.stop()));
});

const container = (more: Partial<ContainerDefinition> = {}, variables: Record<string, string> = {}) => ({
  ...WEBAPP_CONTAINER,
  image: 'webapp:local',
  environment: Object.entries(variables).map(([name, value]) => ({ name, value })),
  ...more,
});

let address = 10;

/** A task that nobody has started yet. */
const taskOf = (containers: readonly ContainerDefinition[], networkMode: NetworkMode = 'awsvpc'): Task => {
  const { plane } = localCluster(() => new Promise(() => {}));
  if (networkMode !== 'awsvpc') plane.containerInstances.set('host', 'i-1');
  const size = { cpu: '256', memory: '512', networkMode };
  const task = plane.runTask({ taskDefinition: plane.registerTaskDefinition('launch-test', containers, size) });
  return networkMode === 'awsvpc' ? { ...task, address: `127.83.0.${++address}` } : task;
};

const launched = async (task: Task): Promise<Workload> => {
  const workload = await launch(task);
  started.push(workload);
  return workload;
};

const status = async (host: string, port: number): Promise<number> =>
  (await fetch(`http://${host}:${port}/metrics`)).status;

describe('a launched task', () => {
  it('listens on its own address', async () => {
    const task = taskOf([container()]);
    const { bindings, check } = await launched(task);
    expect(await status(task.address ?? '', 3000)).toBe(200);
    expect([bindings, check]).toEqual([undefined, undefined]);
  });

  it('has two containers on their own ports', async () => {
    const admin = container({ name: 'admin', portMappings: [{ containerPort: 3001, protocol: 'tcp' }] });
    const task = taskOf([container(), admin]);
    await launched(task);
    expect([await status(task.address ?? '', 3000), await status(task.address ?? '', 3001)]).toEqual([200, 200]);
  });

  it('listens in bridge mode on a port of its host that it says', async () => {
    const { bindings = [] } = await launched(taskOf([container()], 'bridge'));
    expect(bindings).toMatchObject([{ containerPort: 3000, protocol: 'tcp' }]);
    const [{ hostPort } = { hostPort: 0 }] = bindings;
    expect(hostPort).not.toBe(3000);
    expect(await status(HOST, hostPort)).toBe(200);
  });

  it('listens in host mode on the port of the container', async () => {
    await launched(taskOf([container({ portMappings: [{ containerPort: 3456, protocol: 'tcp' }] })], 'host'));
    expect(await status(HOST, 3456)).toBe(200);
  });

  it('may listen on another port than it says', async () => {
    const task = taskOf([container({}, { PORT: '3001' })]);
    await launched(task);
    await expect(status(task.address ?? '', 3000)).rejects.toThrow('fetch failed');
  });

  it('that ends at once never runs, and says how it ended, with the last line of its log', async () => {
    const { plane, changes } = localCluster(launch);
    const containers = [container({}, { WORK_MILLISECONDS: 'none' })];
    const taskDefinition = plane.registerTaskDefinition('launch-test', containers, { cpu: '256', memory: '512' });
    const { id } = plane.runTask({ taskDefinition });
    await until('its end', async () => plane.task(id)?.lastStatus === 'STOPPED');
    const how = 'exit code 1: webapp: WORK_MILLISECONDS is "none": set a number from 0 to 10000.';
    expect(plane.task(id)).toMatchObject({ exitReason: how });
    expect(changes.map(({ lastStatus }) => lastStatus)).not.toContain('RUNNING');
  });

  it('is over when one of its containers ends', async () => {
    const admin = container({ name: 'admin', portMappings: [{ containerPort: 3001, protocol: 'tcp' }] });
    const task = taskOf([container(), admin]);
    const { pid, ended } = await launched(task);
    process.kill(pid, 'SIGKILL');
    expect(await ended).toBe('signal SIGKILL');
    await started[0]?.stop();
    await expect(status(task.address ?? '', 3001)).rejects.toThrow('fetch failed');
  });

  it('runs its health check where it listens', async () => {
    const check = (path: string) => ({
      command: [
        'CMD',
        'node',
        '-e',
        `fetch('http://' + process.env.HOST + ':' + process.env.PORT + '${path}').then(({ ok }) => process.exit(ok ? 0 : 1))`,
      ],
      interval: 5,
      retries: 1,
    });
    const healthy = await launched(taskOf([container({ healthCheck: check('/health') })]));
    const unhealthy = await launched(taskOf([container({ healthCheck: check('/heatlh') })]));
    expect([await healthy.check?.(), await unhealthy.check?.()]).toEqual([true, false]);
  });

  it('is not started where there is no such image or host, and its other containers are stopped', async () => {
    const task = taskOf([container(), container({ name: 'other', image: 'nginx' })]);
    await expect(launch(task)).rejects.toThrow('no image nginx: here are webapp:local, node-exporter:local');
    await expect(status(task.address ?? '', 3000)).rejects.toThrow('fetch failed');
    const { address: _, ...homeless } = taskOf([container()]);
    await expect(launch(homeless)).rejects.toThrow('there is no such container instance');
  });
});
