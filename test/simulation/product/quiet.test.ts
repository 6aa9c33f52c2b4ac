/** What changes nothing costs nothing: duplicates, a fleet at rest, a resync that finds nothing. */
import { describe, expect, it, jest } from '@jest/globals';
import { WORKLOADS } from '../fleet.ts';
import { KINDS, LOSSLESS } from '../kinds.ts';
import { always } from '../property.ts';
import { DEFAULTS } from '../settings.ts';
import { Simulation } from '../simulation.ts';
import { tellToTheEnd } from '../story.ts';
import { wireProduct } from './product-pipeline.ts';

jest.setTimeout(300_000);

const HOUR = 60 * 60_000;
const SCRAPED = WORKLOADS.filter(({ name }) => name !== 'silent');
const CHANGES = ['PutParameter', 'RegisterInstance', 'DeregisterInstance'];

async function settled(seed: number, each = 3): Promise<Simulation> {
  const simulation = new Simulation({ ...DEFAULTS, seed }, wireProduct);
  for (const workload of SCRAPED) for (let i = 0; i < each; i++) simulation.tasks.launch(workload, 'prod');
  await simulation.rest();
  return simulation;
}

/** Requests since `before`, but those to a queue, by who made them. */
function callsSince({ world }: Simulation, before: ReadonlyMap<string, number>): Record<string, number> {
  const made = [...world.calls].map(([call, count]) => [call, count - (before.get(call) ?? 0)] as const);
  return Object.fromEntries(
    made.filter(([call, count]) => count > 0 && !/ReceiveMessage|DeleteMessage|ChangeMessageVisibility/.test(call)),
  );
}

/** What was written: requests that changed something in SSM or Cloud Map, and files. */
function writesOf({ world, pipeline }: Simulation): string {
  const requests = CHANGES.map((command) => world.done.get(command) ?? 0);
  const files = pipeline.collectors.map(({ volume }) => [...volume.files()]);
  return JSON.stringify([requests, files]);
}

describe('Quiet', () => {
  it('writes nothing for duplicates of all that ever happened, nor in a resync that finds nothing', () =>
    always(wireProduct, undefined, { faults: LOSSLESS }, 50, async (story) => {
      const simulation = await tellToTheEnd(story, wireProduct);
      simulation.resync();
      await simulation.rest();
      const before = writesOf(simulation);
      simulation.repeatEvents();
      await simulation.rest();
      if (writesOf(simulation) !== before) simulation.judge.blame('quiet', 'duplicates were written');
      simulation.resync();
      await simulation.rest();
      if (writesOf(simulation) !== before) simulation.judge.blame('quiet', 'a resync of what is right wrote something');
      return simulation;
    }));

  it('writes nothing after all of a bad day, once a resync has found nothing', () =>
    always(wireProduct, undefined, KINDS.everything, 25, async (story) => {
      const simulation = await tellToTheEnd(story, wireProduct);
      simulation.resync();
      await simulation.rest();
      const before = writesOf(simulation);
      simulation.resync();
      await simulation.rest();
      if (writesOf(simulation) !== before) simulation.judge.blame('quiet', 'a resync of what is right wrote something');
      return simulation;
    }));

  it('makes no request for events that a warm function has announced', async () => {
    const simulation = await settled(4);
    let before = new Map(simulation.world.calls);
    // Each of several environments announces what it has not announced itself, once.
    for (let times = 0; times < 6; times++) {
      before = new Map(simulation.world.calls);
      simulation.repeatEvents();
      await simulation.run(10_000);
    }
    const { 'target-sync GetParameters': _, ...calls } = callsSince(simulation, before);
    expect(calls).toEqual({});
  });

  it('makes no write, and a request or two for ten, of events that a new function repeats', async () => {
    const simulation = await settled(5);
    simulation.world.lambda.redeploy();
    const writes = writesOf(simulation);
    const before = new Map(simulation.world.calls);
    simulation.repeatEvents();
    await simulation.run(10_000);
    const calls = callsSince(simulation, before);
    const events = simulation.events.length;
    expect(calls['observe DescribeTasks']).toBeLessThanOrEqual(Math.ceil(events / 10) + 1);
    expect(Object.keys(calls).filter((call) => CHANGES.some((command) => call.endsWith(command)))).toEqual([]);
    await simulation.rest();
    expect(writesOf(simulation)).toBe(writes);
  });

  it('makes no request of a Lambda for a day while nothing changes, and as few of target-sync as it has periods', async () => {
    const simulation = await settled(3);
    const [writes, before] = [writesOf(simulation), new Map(simulation.world.calls)];
    await simulation.run(24 * HOUR);
    const { 'target-sync GetParameters': readings = 0, ...others } = callsSince(simulation, before);
    expect(others).toEqual({});
    expect(readings).toBeGreaterThanOrEqual(280);
    // Ten minutes of a young one, then one every five minutes.
    expect(readings).toBeLessThanOrEqual(40 + 288);
    expect(writesOf(simulation)).toBe(writes);
  });

  it('announces nothing but its word in a resync that finds nothing', async () => {
    const simulation = await settled(6);
    // The first one keeps the task definitions for those after it.
    simulation.resync();
    await simulation.rest();
    const published: (string | undefined)[] = [];
    simulation.world.sns.onPublish = (_, kind) => published.push(kind);
    const writes = writesOf(simulation);
    const before = new Map(simulation.world.calls);
    simulation.resync();
    await simulation.rest();
    expect(published).toEqual(['notice']);
    expect(writesOf(simulation)).toBe(writes);
    const calls = callsSince(simulation, before);
    expect(Object.keys(calls).filter((call) => /^(observe|store|register) /.test(call))).toEqual([]);
    expect(calls['resync DescribeTasks']).toBe(DEFAULTS.shards);
  });
});
