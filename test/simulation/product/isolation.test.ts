/** What goes wrong delays only what needs it; stops need nothing but EventBridge, SQS and SNS to reach the files. */
import { describe, expect, it, jest } from '@jest/globals';
import type { Task } from '../../../infra/local/ecs/model.ts';
import type { ServiceName } from '../aws/simulated-service.ts';
import { delays } from '../bench/delays.ts';
import { firstFolder } from '../first-folder.ts';
import { WORKLOADS, type Workload } from '../fleet.ts';
import type { Outage } from '../outages.ts';
import { always, mustKeep } from '../property.ts';
import { DEFAULTS } from '../settings.ts';
import { Simulation } from '../simulation.ts';
import { tellToTheEnd } from '../story.ts';
import { wireProduct } from './product-pipeline.ts';

jest.setTimeout(300_000);

/** Milliseconds from a change to the file: delivery, a cold start, look-ups, and nothing that is waited for. */
const SOON = 3000;
const MINUTE = 60_000;

const named = (name: string): Workload => WORKLOADS.find((it) => it.name === name) as Workload;
const SCRAPED = WORKLOADS.filter(({ name }) => name !== 'silent');

const start = (seed: number): Simulation => new Simulation({ ...DEFAULTS, seed }, wireProduct);

const launchAll = (simulation: Simulation, workloads = SCRAPED, each = 2): Task[] =>
  workloads.flatMap((workload) => Array.from({ length: each }, () => simulation.tasks.launch(workload, 'prod')));

/** Milliseconds from the start of each task to the file, by what runs; infinite where no file ever showed it. */
function comings(simulation: Simulation, tasks: readonly Task[]): Map<string, number> {
  const { firstShown } = firstFolder(simulation);
  return new Map(
    tasks.map(({ id, taskDefinition, startedAt = 0 }) => [
      `${taskDefinition.family} ${id}`,
      (firstShown.get(id) ?? Number.POSITIVE_INFINITY) - startedAt,
    ]),
  );
}

const late = (simulation: Simulation, tasks: readonly Task[]): string[] =>
  [...comings(simulation, tasks)].filter(([, milliseconds]) => milliseconds > SOON).map(([name]) => name);

describe('Isolation of what is malformed', () => {
  it('puts every malformed message into the dead letters with its reason, and handles the others', () =>
    always(
      wireProduct,
      undefined,
      { faults: { poison: 60, duplicated: 30, crash: 10, refused: 10 } },
      60,
      async (story) => {
        const simulation = await tellToTheEnd(story, wireProduct);
        const letters = [...simulation.world.sqs.deadLetters.values()].flatMap((queue) => queue.letters);
        const explained = new Set(letters.filter(({ reason }) => reason !== undefined).map(({ body }) => body));
        for (const body of simulation.poison) {
          if (!explained.has(body)) simulation.judge.blame('isolation', `not put aside with a reason: ${body}`);
        }
        for (const { body } of letters) {
          if (!simulation.poison.has(body)) simulation.judge.blame('isolation', `put aside though it is good: ${body}`);
        }
        return simulation;
      },
    ));

  it('puts announcements that are none aside in store and register, drops them in target-sync, and shows nothing of a forged one', async () => {
    const simulation = start(3);
    const [task] = launchAll(simulation, [named('labelled')], 1);
    await simulation.rest();
    const before = new Map(firstFolder(simulation).shown);
    const forged = { deployment: 'another', cluster: 'prod', stopped: [[task?.id, 99, 1_900_000_000]] };
    const bodies = ['{"half": ', '{"v":1}', JSON.stringify({ v: 1, ...forged }), JSON.stringify({ v: 9, ...forged })];
    for (const name of ['store', 'register', 'collector-0']) {
      for (const body of bodies) simulation.world.sqs.queues.get(`https://sqs/${name}`)?.send(body);
    }
    const stopping = launchAll(simulation);
    await simulation.rest();
    for (const id of before.keys()) expect(firstFolder(simulation).shown.get(id)).toBe(before.get(id));
    expect(late(simulation, stopping)).toEqual([]);
    const letters = [...simulation.world.sqs.deadLetters.values()].flatMap((queue) => queue.letters);
    expect(letters).toHaveLength(2 * 3);
    expect(letters.every(({ reason }) => reason?.startsWith('not an announcement'))).toBe(true);
    simulation.judge.converged();
    mustKeep(simulation);
  });
});

describe('Isolation of what AWS refuses for one task', () => {
  it('lets a task definition that cannot be read for a while delay only its own tasks', async () => {
    const simulation = start(7);
    const { broken } = simulation.world.ecs;
    broken.add('job-nightly');
    const tasks = launchAll(simulation, SCRAPED, 4);
    await simulation.run(10 * MINUTE);
    const others = tasks.filter(({ taskDefinition }) => taskDefinition.family !== 'job-nightly');
    expect(late(simulation, others)).toEqual([]);
    expect(firstFolder(simulation).shown.size).toBe(others.length);
    broken.clear();
    await simulation.rest();
    expect(simulation.hasLost).toBe(false);
    simulation.judge.converged();
    mustKeep(simulation);
  });

  it('lets one that can never be read end in the dead letters, after hours, while all others are published', async () => {
    const simulation = start(8);
    simulation.world.ecs.broken.add('job-nightly');
    const tasks = launchAll(simulation, SCRAPED, 2);
    await simulation.rest();
    const isBroken = ({ taskDefinition }: Task): boolean => taskDefinition.family === 'job-nightly';
    simulation.judge.converged(isBroken);
    mustKeep(simulation);
    const letters = [...simulation.world.sqs.deadLetters.values()].flatMap((queue) => queue.letters);
    expect(new Set(letters.map(({ body }) => JSON.parse(body).detail.taskArn))).toEqual(
      new Set(tasks.filter(isBroken).map(({ arn }) => arn)),
    );
  });

  it('lets a Cloud Map service that refuses everything delay only its own registrations', async () => {
    const simulation = start(9);
    simulation.world.cloudMap.broken.add('srv-api');
    const tasks = launchAll(simulation, SCRAPED, 3);
    await simulation.run(10 * MINUTE);
    expect(late(simulation, tasks)).toEqual([]);
    simulation.judge.converged();
    const others = simulation.judge.violations.filter(({ what }) => !what.startsWith('srv-api lacks'));
    expect(others).toEqual([]);
    simulation.judge.violations.length = 0;
    simulation.world.cloudMap.broken.clear();
    await simulation.rest();
    simulation.judge.converged();
    mustKeep(simulation);
  });
});

/** What still reaches the files in time while a service is ill; each also needs the service in brackets. */
const NEEDS: readonly (readonly [ServiceName, readonly string[]])[] = [
  // A standalone task needs its definition and ECS alone.
  ['cloudMap', ['ruled']],
  ['ssm', ['ruled']],
  ['ec2', ['labelled', 'registered', 'ruled', 'tagged']],
  ['ecs', []],
];
const ILL: readonly Outage[] = ['hangs', 'throttles', 'fails'];

describe('Isolation of an outage', () => {
  it.each(NEEDS.flatMap(([service, unharmed]) => ILL.map((how) => [service, how, unharmed] as const)))(
    'when %s %s, stops and what does not need it are in the files within three seconds: %j',
    async (service, how, unharmed) => {
      const simulation = start(11);
      const tasks = launchAll(simulation);
      await simulation.rest();
      // Long enough for every memory of the functions to be too old.
      await simulation.run(30 * MINUTE);
      const since = simulation.world.now;
      simulation.world.outages.begin(service, how);
      const others = launchAll(simulation, unharmed.map(named));
      launchAll(simulation);
      await simulation.run(MINUTE);
      for (const task of tasks) {
        simulation.tasks.stop(task);
        await simulation.run(5000);
      }
      await simulation.run(5 * MINUTE);
      expect(late(simulation, others)).toEqual([]);
      expect(Math.max(...delays(simulation, since).going)).toBeLessThanOrEqual(SOON);
      expect(tasks.filter(({ id }) => firstFolder(simulation).shown.has(id))).toEqual([]);
      await simulation.calmDown();
      expect(simulation.hasLost).toBe(false);
      simulation.judge.converged();
      mustKeep(simulation);
    },
  );

  it('needs nothing but EventBridge, SQS and SNS for a stop to reach the file', async () => {
    const simulation = start(12);
    const tasks = launchAll(simulation);
    await simulation.rest();
    await simulation.run(30 * MINUTE);
    for (const service of ['ecs', 'ec2', 'ssm', 'cloudMap', 'lambda'] as const) {
      simulation.world.outages.begin(service, 'hangs');
    }
    const since = simulation.world.now;
    for (const task of tasks) simulation.tasks.stop(task);
    launchAll(simulation);
    await simulation.run(MINUTE);
    expect(Math.max(...delays(simulation, since).going)).toBeLessThanOrEqual(SOON);
    expect(firstFolder(simulation).shown.size).toBe(0);
    await simulation.calmDown();
    simulation.judge.converged();
    mustKeep(simulation);
  });
});
