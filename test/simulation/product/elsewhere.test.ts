/** Two clusters of one name, one here and one in another account and Region, end to end: each fares by itself. */
import { describe, expect, it, jest } from '@jest/globals';
import { placeOfArn } from '../../../functions/discovery/task/task.ts';
import { clusterArn } from '../../../infra/local/ecs/arn.ts';
import type { Task } from '../../../infra/local/ecs/model.ts';
import type { ServiceName } from '../aws/simulated-service.ts';
import { firstFolder } from '../first-folder.ts';
import { EXTERNAL_ID, WORKLOADS } from '../fleet.ts';
import { CLUSTER_ELSEWHERE as NORTH } from '../kinds.ts';
import type { Outage } from '../outages.ts';
import { mustKeep } from '../property.ts';
import { DEFAULTS } from '../settings.ts';
import { Simulation } from '../simulation.ts';
import { wireProduct } from './product-pipeline.ts';

jest.setTimeout(300_000);

/** Milliseconds from a change to the file; from elsewhere it passes a second bus. */
const SOON = 3000;
const MINUTE = 60_000;
const SCRAPED = WORKLOADS.filter(({ name }) => name !== 'silent');
/** Those of them that Cloud Map has no part in: docker labels and rules select tasks elsewhere, too. */
const LABELLED = SCRAPED.filter(({ namespace }) => namespace === undefined);

const start = (seed: number): Simulation =>
  new Simulation({ ...DEFAULTS, clusters: ['prod', NORTH], seed }, wireProduct);

const launchAll = (simulation: Simulation, cluster: string, each = 1): Task[] =>
  (cluster === NORTH ? LABELLED : SCRAPED).flatMap((workload) =>
    Array.from({ length: each }, () => simulation.tasks.launch(workload, cluster)),
  );

/** Tasks that came to the file late, or not at all. */
function late(simulation: Simulation, tasks: readonly Task[]): string[] {
  const { firstShown } = firstFolder(simulation);
  return tasks
    .filter(({ id, startedAt = 0 }) => (firstShown.get(id) ?? Number.POSITIVE_INFINITY) - startedAt > SOON)
    .map(({ id, taskDefinition }) => `${taskDefinition.family} ${id}`);
}

/** Stopped tasks that left the file late, or not at all. */
function lingering(simulation: Simulation, tasks: readonly Task[]): string[] {
  const { lastLeft, shown } = firstFolder(simulation);
  return tasks
    .filter(({ id, stoppingAt = 0 }) => shown.has(id) || (lastLeft.get(id) ?? 0) - stoppingAt > SOON)
    .map(({ id }) => id);
}

const stopAll = (simulation: Simulation, tasks: readonly Task[]): void => {
  for (const task of tasks) simulation.tasks.stop(task);
};

function mustConverge(simulation: Simulation): void {
  expect(simulation.hasLost).toBe(false);
  simulation.judge.converged();
  mustKeep(simulation);
}

describe('a cluster of the same name in another account and Region', () => {
  it('has its targets in the files within three seconds, with its account and Region, and loses them as soon', async () => {
    const simulation = start(1);
    const [here, there] = [launchAll(simulation, 'prod'), launchAll(simulation, NORTH)];
    await simulation.rest();
    expect(late(simulation, [...here, ...there])).toEqual([]);
    for (const { id } of there)
      expect(firstFolder(simulation).shown.get(id)).toContain('account=444455556666 cluster=prod');
    for (const { id } of here) expect(firstFolder(simulation).shown.get(id)).not.toContain('account=');
    stopAll(simulation, there);
    await simulation.rest();
    expect(lingering(simulation, there)).toEqual([]);
    expect(firstFolder(simulation).shown.size).toBe(here.length);
    mustConverge(simulation);
  });

  const ILL = (['ecsElsewhere', 'sts', 'ec2Elsewhere'] as const satisfies readonly ServiceName[]).flatMap((service) =>
    (['hangs', 'throttles', 'fails'] as const satisfies readonly Outage[]).map((how) => [service, how] as const),
  );
  it.each(ILL)('delays its own tasks alone while its account is ill, and no stop: %s %s', async (service, how) => {
    const simulation = start(2);
    const before = [...launchAll(simulation, 'prod'), ...launchAll(simulation, NORTH)];
    await simulation.rest();
    // Long enough for every memory and every session to be too old.
    await simulation.run(90 * MINUTE);
    simulation.world.outages.begin(service, how);
    const here = launchAll(simulation, 'prod', 2);
    launchAll(simulation, NORTH);
    await simulation.run(MINUTE);
    expect(late(simulation, here)).toEqual([]);
    stopAll(simulation, before);
    await simulation.run(5 * MINUTE);
    expect(lingering(simulation, before)).toEqual([]);
    await simulation.calmDown();
    mustConverge(simulation);
  });

  it('is not late while ECS here is ill: that is another account', async () => {
    const simulation = start(3);
    launchAll(simulation, 'prod');
    launchAll(simulation, NORTH);
    await simulation.rest();
    simulation.world.outages.begin('ecs', 'throttles');
    launchAll(simulation, 'prod');
    const there = launchAll(simulation, NORTH, 2);
    await simulation.run(MINUTE);
    expect(late(simulation, there)).toEqual([]);
    await simulation.calmDown();
    mustConverge(simulation);
  });

  it('keeps its targets when its ECS says that nothing runs, and resync looks just then; the other is put right', async () => {
    const simulation = start(4);
    const here = launchAll(simulation, 'prod', 3);
    const there = launchAll(simulation, NORTH, 4);
    await simulation.rest();
    simulation.sendsEvents = false;
    stopAll(simulation, here.slice(0, 3));
    await simulation.run(MINUTE);
    simulation.world.ecs.lying.add(placeOfArn(clusterArn(NORTH)));
    simulation.resync();
    await simulation.run(2 * MINUTE);
    for (const { id } of there) expect(firstFolder(simulation).shown.has(id)).toBe(true);
    expect(here.slice(0, 3).filter(({ id }) => firstFolder(simulation).shown.has(id))).toEqual([]);
    simulation.world.ecs.lying.clear();
    simulation.sendsEvents = true;
    await simulation.rest();
    mustConverge(simulation);
  });

  it('is found by a resync when its source is deployed after its tasks ran', async () => {
    const simulation = start(5);
    const [role = ''] = simulation.world.sts.roles.keys();
    simulation.world.sts.roles.clear();
    simulation.sendsEvents = false;
    const there = launchAll(simulation, NORTH);
    const here = launchAll(simulation, 'prod');
    await simulation.run(MINUTE);
    simulation.resync();
    await simulation.rest();
    expect(firstFolder(simulation).shown.size).toBe(here.length);
    simulation.world.sts.roles.set(role, EXTERNAL_ID);
    simulation.sendsEvents = true;
    simulation.resync();
    await simulation.rest();
    expect(firstFolder(simulation).shown.size).toBe(here.length + there.length);
    mustConverge(simulation);
  });

  it('asks nothing of another account while nothing changes, and as good as nothing of STS', async () => {
    const simulation = start(6);
    launchAll(simulation, 'prod');
    launchAll(simulation, NORTH);
    await simulation.rest();
    await simulation.run(10 * MINUTE);
    const before = new Map(simulation.world.requests);
    await simulation.run(6 * 60 * MINUTE);
    for (const operation of ['AssumeRole', 'DescribeTasks', 'ListTasks', 'PutParameter', 'PublishBatch']) {
      expect([operation, simulation.world.requests.get(operation)]).toEqual([operation, before.get(operation)]);
    }
    mustConverge(simulation);
  });
});
