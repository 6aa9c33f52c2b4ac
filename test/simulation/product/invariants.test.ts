/** What is published is what ECS says, whatever goes wrong: each kind of story, told with fixed seeds and judged all the while. */
import { describe, expect, it, jest } from '@jest/globals';
import { BAD_DAY, KINDS, LOSSLESS, RESTARTS } from '../kinds.ts';
import { always, mustKeep } from '../property.ts';
import { DEFAULTS } from '../settings.ts';
import type { StoryKind } from '../stories.ts';
import { type Story, tellToTheEnd } from '../story.ts';
import { wireProduct } from './product-pipeline.ts';

jest.setTimeout(300_000);

/** Every story is judged by all invariants, whichever it was made for. */
const told = (kind: StoryKind, runs: number, tell?: Parameters<typeof always>[4]): Promise<void> =>
  always(wireProduct, undefined, kind, runs, tell);

/** Tells a story to which no operator may come. */
async function withoutResync(story: Story): Promise<Awaited<ReturnType<typeof tellToTheEnd>>> {
  const simulation = await tellToTheEnd(story, wireProduct);
  if (simulation.hasLost) simulation.judge.blame('convergence', 'something was lost that events do not say again');
  return simulation;
}

describe('Convergence', () => {
  it('comes from events alone, in any order and number, through refusals, lags, partial answers and crashes', () =>
    told({ faults: LOSSLESS }, 100, withoutResync));

  it('comes from events alone while services hang, throttle or fail, each alone', () =>
    told({ ...KINDS.outages, also: ['outage', 'outage'] }, 40, withoutResync));

  it('comes from events alone while two target-syncs read one queue, are killed, and lose their volumes', () =>
    told(KINDS['queues down'], 60, withoutResync));

  it('comes to the newest version of a task, however its observations overtake each other', () =>
    told(KINDS.restless, 50, withoutResync));

  it('comes to no registration of a task that stopped while it was registered', () => told(KINDS.brief, 40));

  it('comes with the next resync, as it is scheduled, where events were lost and nothing else', () =>
    told({ faults: { ...LOSSLESS, lost: 60 }, also: RESTARTS, length: 20 }, 60, (story) =>
      tellToTheEnd(story, wireProduct, async (simulation) => {
        simulation.resync();
        await simulation.rest();
        // A target-sync acts on the word of a resync when it has read the shards after it.
        await simulation.run(6 * 60_000);
      }),
    ));

  it('comes with a resync where events, operations or messages were lost', async () => {
    await told(KINDS.everything, 60);
    await told(KINDS.away, 40);
  });

  it('comes with a resync that takes several invocations, some of which die', () => told(KINDS['resync in parts'], 40));

  it('comes with a resync after people emptied, garbled, restored, deleted or created parameters', () =>
    told(KINDS['by hand'], 60));

  it('comes with a resync after tags, services, namespaces and definitions were gone', () =>
    told(KINDS['cloud map changes'], 50));

  it('comes for clusters of one name in two accounts and Regions, each with its own targets', () =>
    told(KINDS.elsewhere, 50));

  it('comes with a resync after the number of shards was raised and lowered', () => told(KINDS.resharding, 60));

  it.each([1, 2])('comes with a resync after that was done while 200 tasks were replaced, seed %d', async (seed) => {
    const launch = (workload: number) => ({ wait: 0, what: 'launch', workload, count: 100 }) as const;
    const replace = (workload: number) => ({ wait: 2000, what: 'replace', workload }) as const;
    const reshard = (shards: number) => ({ wait: 90_000, what: 'reshard', shards }) as const;
    const settings = { ...DEFAULTS, seed, shards: 4, faults: { ...BAD_DAY, crash: 2 } };
    const incidents = [
      ...[launch(0), launch(2)],
      reshard(6),
      replace(0),
      replace(2),
      reshard(3),
      replace(0),
      replace(2),
    ];
    mustKeep(await tellToTheEnd({ settings, incidents }, wireProduct));
  });
});

describe('Nothing vanishes', () => {
  it('on the worst of days', () => told(KINDS['worst day'], 60));

  it('when ECS does not speak of a task that it is asked about, again and again', () => told(KINDS.silent, 50));

  it('when ECS says for a while that no task is there', () => told(KINDS.lying, 25));

  it('while a second writer writes the shards', () => told(KINDS['second writer'], 60));

  it('where an account has room for two executions at once', () => told(KINDS['small account'], 40));
});

describe('Nothing returns', () => {
  const stale = { duplicated: 60, late: 60, stale: 80, slow: 20, refused: 20, crash: 10, unanswered: 10, twice: 20 };

  it('however late an old event arrives, and however slow a writer is', () =>
    told({ faults: stale, also: ['stop', 'stop'], length: 16 }, 80));

  it('with a resync, and with target-syncs that start again', () =>
    told({ faults: stale, also: ['resync', 'collector killed', 'collector replaced'], length: 16 }, 60));
});

describe('Ownership', () => {
  it('is respected while services are tagged, untagged, deleted and created again', () =>
    told({ ...KINDS['cloud map changes'], also: ['resync', 'tags removed', 'tags removed', 'service removed'] }, 40));
});

describe('Atomicity', () => {
  it('shows a reader of parameters and files whole documents and whole tasks, also when processes are killed', () =>
    told(
      {
        faults: { ...BAD_DAY, crash: 40 },
        also: ['collector killed', 'collector killed', 'parameter garbled', 'resync'],
      },
      50,
    ));
});

describe('The simulation of the product', () => {
  const story = (seed: number): Story => ({
    settings: { ...DEFAULTS, seed, faults: BAD_DAY },
    incidents: [
      { wait: 0, what: 'launch', workload: 1, count: 4 },
      { wait: 30_000, what: 'replace', workload: 1 },
      { wait: 1000, what: 'resync' },
    ],
  });

  it('tells the same story twice for one seed, and another for another', async () => {
    const all = [];
    for (const seed of [1, 1, 2]) all.push(await tellToTheEnd(story(seed), wireProduct));
    const [first, again, other] = all.map(({ world }) => world.history.fingerprint());
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });
});
