/** What a batch costs grows with the batch, not with the fleet; and what runs at once has a bound. */
import { describe, expect, it, jest } from '@jest/globals';
import { WORKLOADS, type Workload } from '../fleet.ts';
import { NEW_ACCOUNT } from '../lambda/lambda-account.ts';
import { mustKeep } from '../property.ts';
import { DEFAULTS } from '../settings.ts';
import { Simulation } from '../simulation.ts';
import { wireProduct } from './product-pipeline.ts';

jest.setTimeout(300_000);

const [web] = WORKLOADS as [Workload];

/** Requests that a batch of new tasks led to beside a fleet that was there already, by who made them. */
async function costOf(batch: number, fleet: number): Promise<Readonly<Record<string, number>>> {
  const simulation = new Simulation({ ...DEFAULTS, seed: batch, shards: 4, collectors: 0, ssmWrites: 10 }, wireProduct);
  for (let i = 0; i < fleet; i++) simulation.tasks.launch(web, 'prod');
  await simulation.rest();
  simulation.sendsEvents = false;
  const tasks = Array.from({ length: batch }, () => simulation.tasks.launch(web, 'prod'));
  await simulation.rest();
  // All begin with functions that remember nothing: how many are warm is chance.
  simulation.world.lambda.redeploy();
  const before = new Map(simulation.world.calls);
  const runs = simulation.world.sqs.queues.get('https://sqs/runs');
  for (const task of tasks) runs?.send(simulation.world.ecs.event(task));
  await simulation.rest();
  simulation.judge.converged();
  mustKeep(simulation);
  return Object.fromEntries(
    [...simulation.world.calls]
      .map(([call, count]): [string, number] => [call, count - (before.get(call) ?? 0)])
      .filter(([call, count]) => count > 0 && !/Message/.test(call))
      .sort(),
  );
}

describe('Bounded', () => {
  it('asks for as much beside 400 tasks as beside 20', async () => {
    for (const batch of [20, 120]) {
      const [few, many] = [await costOf(batch, 20), await costOf(batch, 400)];
      expect(Object.keys(many)).toEqual(Object.keys(few));
      // How events fall into batches, and batches to functions, is chance.
      for (const [call, count] of Object.entries(many)) expect(count - (few[call] ?? 0)).toBeLessThanOrEqual(4);
    }
  });

  it('asks ECS once for a hundred tasks and SSM once or twice for a shard, however many events there are', async () => {
    const cost = await costOf(250, 20);
    expect(cost['observe DescribeTasks']).toBeLessThanOrEqual(6);
    expect(cost['observe PublishBatch']).toBeLessThanOrEqual(6);
    expect(cost['store PutParameter']).toBeLessThanOrEqual(8);
    expect(cost['store GetParameters']).toBeLessThanOrEqual(8);
    // One for each function that is new.
    expect(cost['observe DescribeTaskDefinition']).toBeLessThanOrEqual(2);
  });

  it('never runs more functions at once than leave room in an account of ten', async () => {
    const simulation = new Simulation({ ...DEFAULTS, seed: 1, clusters: ['prod', 'test'], shards: 6 }, wireProduct);
    const tasks = ['prod', 'test'].flatMap((cluster) =>
      WORKLOADS.flatMap((workload) => Array.from({ length: 30 }, () => simulation.tasks.launch(workload, cluster))),
    );
    await simulation.rest();
    simulation.resync();
    for (const task of tasks) simulation.tasks.stop(task);
    for (const workload of WORKLOADS) for (let i = 0; i < 30; i++) simulation.tasks.launch(workload, 'prod');
    await simulation.rest();
    simulation.judge.converged();
    mustKeep(simulation);
    expect(simulation.world.lambda.peak).toBeGreaterThanOrEqual(6);
    expect(simulation.world.lambda.peak).toBeLessThan(NEW_ACCOUNT);
  });
});
