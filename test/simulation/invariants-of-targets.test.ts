/** Invariants 1 to 3: what is published is what ECS says; each on many histories of the simulated AWS. */
import { describe, expect, it, jest } from '@jest/globals';
import { always } from './property.ts';
import { DEFAULTS } from './settings.ts';
import {
  BAD_DAY,
  BRIEF,
  BY_HAND,
  LOSSLESS,
  LYING,
  REBUILT,
  RESHARDING,
  RESTLESS,
  SILENT,
  type StoryKind,
} from './stories.ts';
import { type Story, tell, tellToTheEnd } from './story.ts';

jest.setTimeout(300_000);

const EVERYTHING: StoryKind = { faults: BAD_DAY, also: ['resync', 'kill collector', 'refresh'] };

describe('Convergence', () => {
  it('comes from events alone, in any order and number, through throttles, lags, partial answers and crashes', () =>
    always('convergence', { faults: LOSSLESS }, 500));

  it('comes to the newest version of a task, however its observations overtake each other', () =>
    always('convergence', RESTLESS, 150));

  it('comes to no registration of a task that stopped while it was registered', () =>
    always('convergence', BRIEF, 100));

  it('comes with the next resync where events or operations were lost', () => always('convergence', EVERYTHING, 300));

  it('comes with a resync after people have emptied, garbled, restored or deleted parameters', () =>
    always('convergence', BY_HAND, 150));

  it('comes with a resync after the number of shards was raised', () => always('convergence', RESHARDING, 150));
});

/** Messages to target-sync that overtake each other, as long as nothing is later than a resync waits for. */
const MOVING: StoryKind = {
  faults: {},
  also: ['resync', 'reshard', 'reshard'],
  settings: { delivery: { least: 50, most: 8000 } },
};

describe('Nothing vanishes', () => {
  it('whatever fails, answers late, in part or not at all, while events and resyncs race', () =>
    always('nothing vanishes', { ...EVERYTHING, settings: { concurrency: 4, batchSize: 1 } }, 300));

  it('when ECS does not speak of a task that it is asked about, again and again', () =>
    always('nothing vanishes', SILENT, 100));

  it('when a parameter is made anew while ECS speaks of some tasks only', () =>
    always('nothing vanishes', REBUILT, 60));

  it('when people empty, garble, restore or delete parameters', () => always('nothing vanishes', BY_HAND, 150));

  it('when ECS says for a while that no task is there', () => always('nothing vanishes', LYING, 60));

  it('from the files while tasks move to other shards', () =>
    always('nothing vanishes', MOVING, 100, async (story) => {
      const simulation = await tell(story);
      simulation.judge.filesMayBeLate = false;
      await simulation.calmDown();
      await simulation.mend();
      return simulation;
    }));
});

describe('Nothing returns', () => {
  const stale = { duplicated: 60, late: 60, stale: 80, slow: 20, refused: 20, crash: 10, unanswered: 10 };

  it('however late an old event arrives, and however slow a writer is', () =>
    always('nothing returns', { faults: stale, settings: { concurrency: 4, batchSize: 1 } }, 400));

  it('with a resync', () => always('nothing returns', { faults: stale, also: ['resync'] }, 200));
});

describe('The simulation', () => {
  const story = (seed: number): Story => ({
    settings: { ...DEFAULTS, seed, faults: BAD_DAY },
    incidents: [
      { wait: 0, what: 'launch', workload: 1, count: 4 },
      { wait: 30_000, what: 'replace', workload: 1 },
      { wait: 1000, what: 'resync' },
    ],
  });

  it('tells the same story twice for one seed, and another for another', async () => {
    const [first, again, other] = await Promise.all([1, 1, 2].map(async (seed) => tellToTheEnd(story(seed))));
    expect(again?.history.fingerprint()).toBe(first?.history.fingerprint());
    expect(other?.history.fingerprint()).not.toBe(first?.history.fingerprint());
  });
});
