import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { equip, WORKLOADS, type Workload } from '../fleet.ts';
import { TaskLives } from '../task-lives.ts';
import { SimulatedEcs } from './ecs.ts';
import { HostPorts } from './host-ports.ts';
import { errorOf, type ManualWorld, manualWorld } from './manual-world.ts';

const cluster = 'prod';
const workload = (name: string): Workload => WORKLOADS.find((it) => it.name === name) as Workload;

function setUp(world = manualWorld()) {
  const ecs = new SimulatedEcs({ ...world.around, touch: () => {} }, world.random, world.faults, [cluster]);
  equip(ecs, cluster);
  const lives = new TaskLives(ecs, world.random, () => {});
  const describe = (id: string) =>
    ecs.handle('DescribeTasks', { cluster, tasks: [id] }) as {
      tasks: { lastStatus: string; desiredStatus: string; startedAt: Date }[];
      failures: { reason: string }[];
    };
  const list = (): string[] => (ecs.handle('ListTasks', { cluster }) as { taskArns: string[] }).taskArns;
  return { world, ecs, lives, describe, list };
}

/** Lets time pass in small steps, and promises between them. */
async function pass(world: ManualWorld, milliseconds: number): Promise<void> {
  for (let step = 0; step < 20; step++) {
    world.pass(milliseconds / 20);
    await setImmediate();
  }
}

describe('ECS', () => {
  it('shows a task as the SDK gives it, and a stopped one for an hour', async () => {
    const { world, lives, describe } = setUp();
    const task = lives.launch(workload('labelled'), cluster);
    await pass(world, 60_000);
    expect(describe(task.id).tasks[0]).toMatchObject({ lastStatus: 'RUNNING', startedAt: expect.any(Date) });
    lives.stop(task);
    expect(describe(task.id).tasks[0]).toMatchObject({ lastStatus: 'RUNNING', desiredStatus: 'STOPPED' });
    await pass(world, 60_000);
    expect(describe(task.id).tasks[0]).toMatchObject({ lastStatus: 'STOPPED' });
    world.pass(3_600_000);
    expect(describe(task.id)).toMatchObject({ tasks: [], failures: [{ reason: 'MISSING' }] });
  });

  it('says MISSING for minutes of a task that runs, and lists it all the while', async () => {
    const { world, lives, describe, list } = setUp();
    world.fault = { missing: 100 };
    const task = lives.launch(workload('labelled'), cluster);
    let wasMissing = false;
    for (let half = 0; half < 12; half++) {
      await pass(world, 5000);
      wasMissing ||= task.lastStatus === 'RUNNING' && describe(task.id).failures[0]?.reason === 'MISSING';
    }
    expect(wasMissing).toBe(true);
    expect(list()).toEqual([task.arn]);
    await pass(world, 300_000);
    expect(describe(task.id).failures).toEqual([]);
  });

  it('may be behind: a list still has a task whose description says that it stops', async () => {
    const { world, lives, describe, list } = setUp();
    const task = lives.launch(workload('labelled'), cluster);
    await pass(world, 60_000);
    lives.stop(task);
    await pass(world, 1000);
    world.fault = { contradictory: 100 };
    const lists = Array.from({ length: 20 }, list);
    expect(lists.flat()).toContain(task.arn);
    expect(describe(task.id).tasks[0]).toMatchObject({ desiredStatus: 'STOPPED' });
    world.fault = {};
    expect(list()).toEqual([]);
    world.lag = 2000;
    expect(list()).toEqual([task.arn]);
  });

  it('says nothing, or a failure, of tasks that it was asked about', async () => {
    const { world, lives, describe } = setUp();
    const task = lives.launch(workload('labelled'), cluster);
    world.fault = { partial: 100 };
    const answers = new Set(Array.from({ length: 20 }, () => describe(task.id).failures[0]?.reason));
    expect(answers).toEqual(new Set([undefined, 'INTERNAL']));
  });

  it('publishes ports of bridge mode on hosts, also ports that another task had a moment ago', async () => {
    const { world, lives, ecs } = setUp();
    const task = lives.launch(workload('bridge'), cluster);
    await pass(world, 60_000);
    const before = task.bindings?.[0]?.hostPort;
    expect(before).toBeGreaterThanOrEqual(32_768);
    ecs
      .plane(cluster)
      .restartContainer(task, [{ bindIP: '0.0.0.0', containerPort: 8080, hostPort: 1, protocol: 'tcp' }]);
    expect(task).toMatchObject({ version: 3, bindings: [{ hostPort: 1 }] });
    const ports = new HostPorts(world.random);
    const first = ports.take('host');
    ports.release('host', first);
    const next = Array.from({ length: 20 }, () => ports.take('host'));
    expect(next).toContain(first);
    expect(new Set(next).size).toBe(20);
  });

  it('describes a revision that was deregistered, and throttles', () => {
    const { ecs } = setUp();
    const definition = ecs.plane(cluster).taskDefinition('web:1');
    if (!definition) throw new Error('no definition');
    definition.status = 'INACTIVE';
    const ask = (): unknown => ecs.handle('DescribeTaskDefinition', { taskDefinition: 'web:1' });
    expect(ask()).toMatchObject({ taskDefinition: { status: 'INACTIVE', networkMode: 'awsvpc' } });
    for (let call = 1; call < 50; call++) ask();
    expect(errorOf(ask)).toBe('ThrottlingException');
  });
});
