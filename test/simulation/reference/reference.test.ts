/** That machinery and judge work, shown on a pipeline of a few lines. */
import { describe, expect, it } from '@jest/globals';
import { NO_FAULTS } from '../faults.ts';
import { WORKLOADS } from '../fleet.ts';
import type { Group } from '../judge/target-groups.ts';
import { mustKeep } from '../property.ts';
import { DEFAULTS } from '../settings.ts';
import { Simulation } from '../simulation.ts';
import { type Story, tellToTheEnd } from '../story.ts';
import { wireReference, wireReferenceWith } from './reference-pipeline.ts';

const story = (seed: number, faults = NO_FAULTS): Story => ({
  settings: { ...DEFAULTS, seed, faults, clusters: ['prod', 'test'] },
  incidents: [
    ...WORKLOADS.map((_, workload) => ({ wait: 1000, what: 'launch', workload, count: 3 }) as const),
    { wait: 30_000, what: 'disturb', which: 7 },
    { wait: 30_000, what: 'replace', workload: 3 },
    { wait: 1000, what: 'stop', which: 1 },
    { wait: 1000, what: 'resync' },
    { wait: 60_000, what: 'replace', workload: 1 },
  ],
});

describe('the reference pipeline', () => {
  it('publishes and registers what runs, and nothing else', async () => {
    for (const seed of [1, 2, 3]) mustKeep(await tellToTheEnd(story(seed), wireReference));
  });

  it('does so when messages come twice, late and in disorder, and when lists and descriptions are behind', async () => {
    const faults = { ...NO_FAULTS, duplicated: 40, late: 40, twice: 20, missing: 30, stale: 50, poison: 20 };
    for (const seed of [1, 2, 3]) mustKeep(await tellToTheEnd(story(seed, faults), wireReference));
  });

  it('tells the same story twice for one seed, and another for another', async () => {
    const told = await Promise.all([1, 1, 2].map((seed) => tellToTheEnd(story(seed), wireReference)));
    const [first, again, other] = told.map(({ world }) => world.history.fingerprint());
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });
});

describe('the judge', () => {
  const render = (spoil: (groups: readonly Group[], write: number) => readonly Group[]) =>
    wireReferenceWith((groups, write) => JSON.stringify(spoil(groups, write)));
  const invariants = async (wire: ReturnType<typeof render>): Promise<Set<string>> =>
    new Set((await tellToTheEnd(story(1), wire)).judge.violations.map(({ invariant }) => invariant));

  it('notices files that are empty at every seventh write', async () => {
    expect(await invariants(render((groups, write) => (write % 7 === 0 ? [] : groups)))).toContain('nothing vanishes');
  });

  it('notices a task that is left out', async () => {
    expect(await invariants(render((groups) => groups.slice(1)))).toContain('convergence');
  });

  it('notices a stopped task that comes back', async () => {
    let stopped: readonly Group[] = [];
    let before: readonly Group[] = [];
    const spoil = (groups: readonly Group[]): readonly Group[] => {
      const back = stopped;
      const running = new Set(groups.map(({ labels }) => labels['taskid']));
      const gone = before.find(({ labels }) => !running.has(labels['taskid']))?.labels['taskid'];
      if (stopped.length === 0) stopped = before.filter(({ labels }) => labels['taskid'] === gone);
      before = groups;
      return [...groups, ...back];
    };
    const simulation = await tellToTheEnd(
      { ...story(1), settings: { ...story(1).settings, clusters: ['prod'] } },
      render(spoil),
    );
    expect(simulation.judge.violations.map(({ invariant }) => invariant)).toContain('nothing returns');
  });

  it('notices a half-written file, and targets that a task never had', async () => {
    expect(await invariants(wireReferenceWith((groups) => JSON.stringify(groups).slice(1)))).toContain('atomicity');
    const wrong = ({ labels }: Group): Group => ({ labels, targets: ['10.9.9.9:1'] });
    expect(await invariants(render((groups) => groups.map(wrong)))).toContain('atomicity');
  });
});

describe('a history', () => {
  it('sees stops in the files while ECS, Cloud Map and SSM hang', async () => {
    const simulation = new Simulation({ ...DEFAULTS, seed: 5 }, wireReference);
    const task = simulation.tasks.launch(WORKLOADS[0] as (typeof WORKLOADS)[number], 'prod');
    await simulation.rest();
    for (const service of ['ecs', 'cloudMap', 'ssm'] as const) simulation.world.outages.begin(service, 'hangs');
    simulation.tasks.stop(task);
    await simulation.run(3000);
    expect(simulation.judge.folders[0]?.place.shown.size).toBe(0);
    await simulation.calmDown();
    simulation.judge.converged();
    mustKeep(simulation);
  });
});
