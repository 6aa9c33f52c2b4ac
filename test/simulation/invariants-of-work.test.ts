/** Invariants 4 to 8: how the work is done; each on many histories of the simulated AWS. */
import { describe, expect, it, jest } from '@jest/globals';
import type { SimulatedTask } from './aws/ecs.ts';
import { WORKLOADS } from './fleet.ts';
import { always, mustKeep } from './property.ts';
import { DEFAULTS } from './settings.ts';
import { Simulation } from './simulation.ts';
import { BAD_DAY, LOSSLESS } from './stories.ts';
import { tell, tellToTheEnd } from './story.ts';

jest.setTimeout(300_000);

describe('Isolation', () => {
  it('puts every malformed message into the dead-letter queue with the reason, and handles the others', () =>
    always('isolation', { faults: { poison: 60, duplicated: 30, crash: 10 } }, 150, async (story) => {
      const simulation = await tellToTheEnd(story);
      const { deadLetters } = simulation.queue;
      const explained = new Set(deadLetters.filter(({ reason }) => reason !== undefined).map(({ body }) => body));
      for (const body of simulation.poison) {
        if (!explained.has(body)) simulation.judge.blame('isolation', `not put aside with a reason: ${body}`);
      }
      for (const body of explained) {
        if (!simulation.poison.has(body)) simulation.judge.blame('isolation', `put aside although it is good: ${body}`);
      }
      return simulation;
    }));

  /** Batching window, a batch that waits for one before it, and three writes a second of all that wait. */
  const SOON = 12_000;

  const onTime = (simulation: Simulation, isBroken: (task: SimulatedTask) => boolean): void => {
    for (const task of simulation.ecs.tasks.values()) {
      const runsSince = task.versions.find(({ lastStatus }) => lastStatus === 'RUNNING')?.at;
      const stopsSince = simulation.ecs.stoppingSince(task) ?? Number.POSITIVE_INFINITY;
      const isScraped = WORKLOADS.some(({ definition, name }) => definition === task.definition && name !== 'silent');
      if (runsSince === undefined || isBroken(task) || !isScraped || stopsSince - runsSince < SOON) continue;
      const publishedAt = simulation.judge.publishedAt.get(task.id) ?? Number.POSITIVE_INFINITY;
      if (publishedAt - runsSince > SOON) {
        simulation.judge.blame('isolation', `published ${(publishedAt - runsSince) / 1000} s after it ran`, task.id);
      }
    }
  };

  it('lets a task whose definition cannot be read delay only itself', () =>
    always('isolation', { faults: { poison: 20 } }, 100, async (story) => {
      const simulation = await tell(story);
      const isBroken = ({ definition }: SimulatedTask): boolean => definition.family === 'job-nightly';
      await simulation.calmDown();
      onTime(simulation, isBroken);
      return simulation;
    }));

  it('lets a family that is broken from the start delay only itself, up to the dead letters', async () => {
    const simulation = new Simulation({ ...DEFAULTS, seed: 7 });
    simulation.ecs.broken.add('job-nightly');
    for (const workload of WORKLOADS) for (let i = 0; i < 5; i++) simulation.tasks.launch(workload, 'prod');
    await simulation.calmDown();
    const isBroken = ({ definition }: SimulatedTask): boolean => definition.family === 'job-nightly';
    onTime(simulation, isBroken);
    await simulation.judgeConvergence(isBroken);
    mustKeep(simulation);
    expect(simulation.queue.deadLetters).toHaveLength(5);
  });

  it('lets a Cloud Map service that refuses everything delay only its registrations', async () => {
    const simulation = new Simulation({ ...DEFAULTS, seed: 8 });
    simulation.cloudMap.broken.add('srv-api');
    for (const workload of WORKLOADS) for (let i = 0; i < 5; i++) simulation.tasks.launch(workload, 'prod');
    await simulation.calmDown();
    onTime(simulation, () => false);
    await simulation.judgeConvergence();
    const others = simulation.judge.violations.filter(({ what }) => !what.startsWith('srv-api lacks'));
    expect(others).toEqual([]);
  });
});

describe('Ownership', () => {
  it('writes to no Cloud Map service without the owner tag, and to no parameter but the shards', () =>
    always('ownership', { faults: { crash: 10, refused: 10 }, also: ['resync'] }, 200, async (story) => {
      const simulation = await tellToTheEnd(story);
      const theirs = simulation.cloudMap.instancesOf('srv-web-team');
      if (theirs.size !== 1 || !theirs.has('theirs')) simulation.judge.blame('ownership', 'changed srv-web-team');
      return simulation;
    }));
});

describe('Atomicity', () => {
  it('shows a reader of parameters and files whole documents and whole tasks, also when processes are killed', () =>
    always('atomicity', { faults: { ...BAD_DAY, crash: 40 }, also: ['kill collector', 'refresh', 'resync'] }, 250));
});

describe('Quiet', () => {
  it('writes nothing for duplicates of all that ever happened, nor in a resync that finds nothing', () =>
    always('quiet', { faults: LOSSLESS }, 150, async (story) => {
      const simulation = await tellToTheEnd(story);
      simulation.resync();
      await simulation.calmDown();
      const before = simulation.writes();
      simulation.repeatEvents();
      await simulation.calmDown();
      if (simulation.writes() > before) simulation.judge.blame('quiet', 'duplicates were written');
      const between = simulation.writes();
      simulation.resync();
      await simulation.calmDown();
      if (simulation.writes() > between) simulation.judge.blame('quiet', 'a resync of what is right wrote something');
      return simulation;
    }));

  it('reads the shards, and does no more, for a duplicate of what they say already', async () => {
    const simulation = new Simulation({ ...DEFAULTS, seed: 4 });
    for (const workload of WORKLOADS.filter(({ name }) => name !== 'silent')) {
      for (let i = 0; i < 3; i++) simulation.tasks.launch(workload, 'prod');
    }
    await simulation.calmDown();
    const before = new Map(simulation.requests);
    simulation.repeatEvents();
    await simulation.calmDown();
    const operations = [...simulation.requests].filter(([name, count]) => count > (before.get(name) ?? 0));
    expect(operations.map(([name]) => name)).toEqual(['GetParameters']);
  });

  it('announces a shard again, but does not write it, for a record that is tried again', async () => {
    const simulation = new Simulation({ ...DEFAULTS, seed: 5 });
    for (const workload of WORKLOADS) for (let i = 0; i < 3; i++) simulation.tasks.launch(workload, 'prod');
    await simulation.calmDown();
    const before = simulation.requests.get('PutParameter');
    simulation.repeatEvents({ receiveCount: 1 });
    await simulation.calmDown();
    expect(before).toBeGreaterThan(0);
    expect(simulation.requests.get('PutParameter')).toBe(before);
  });

  it('asks AWS for nothing while nothing changes', async () => {
    const simulation = new Simulation({ ...DEFAULTS, seed: 3 });
    for (const workload of WORKLOADS) for (let i = 0; i < 3; i++) simulation.tasks.launch(workload, 'prod');
    await simulation.calmDown();
    const before = simulation.total();
    await simulation.run(24 * 60 * 60 * 1000);
    expect(simulation.total()).toBe(before);
    expect(before).toBeGreaterThan(0);
  });
});

describe('Bounded', () => {
  /** What one batch of new tasks costs beside a fleet that is there already, by operation. */
  async function costOf(batch: number, fleet: number): Promise<ReadonlyMap<string, number>> {
    const simulation = new Simulation({
      ...DEFAULTS,
      seed: batch,
      concurrency: 1,
      shards: 4,
      collectors: 0,
      ssmWrites: 10,
    });
    const web = WORKLOADS[0] as (typeof WORKLOADS)[number];
    for (let i = 0; i < fleet; i++) simulation.tasks.launch(web, 'prod');
    await simulation.calmDown();
    simulation.sendsEvents = false;
    const tasks = Array.from({ length: batch }, () => simulation.tasks.launch(web, 'prod'));
    await simulation.calmDown();
    const before = new Map(simulation.requests);
    for (const task of tasks) simulation.queue.send(simulation.ecs.event(task, task.versions.length));
    await simulation.calmDown();
    expect(tasks.every(({ id }) => simulation.judge.publishedAt.has(id))).toBe(true);
    return new Map(
      [...simulation.requests].map(([operation, count]) => [operation, count - (before.get(operation) ?? 0)]),
    );
  }

  it('asks for as much beside 400 tasks as beside 20', async () => {
    for (const batch of [20, 120]) expect(await costOf(batch, 400)).toEqual(await costOf(batch, 20));
  });

  it('asks for a shard once, for a hundred tasks once, however many events there are', async () => {
    const cost = await costOf(250, 20);
    expect(cost.get('DescribeTasks')).toBe(3);
    expect(cost.get('PutParameter')).toBe(4);
    expect(cost.get('PutEvents')).toBe(4);
    expect(cost.get('GetParameters')).toBe(5);
    expect(cost.get('DescribeTaskDefinition')).toBe(0);
  });
});
