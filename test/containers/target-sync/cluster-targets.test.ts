import { describe, expect, it } from '@jest/globals';
import { ClusterTargets, REMOVAL_MEMORY } from '../../../containers/target-sync/sync/cluster-targets.ts';
import { LAG } from '../../../containers/target-sync/sync/known-configuration.ts';
import type { TaskChange } from '../../../functions/discovery/change/change.ts';
import { configuration, deselect, NOW, numberIn, stop, upsert } from './statements.ts';

const T0 = NOW * 1000;

const shown = (known: ClusterTargets, shard = 0): string[] | undefined =>
  known
    .targets(shard)
    ?.flatMap(({ taskId, targets }) => targets.map(({ port }) => `${Number.parseInt(taskId, 16)}:${port}`))
    .sort();

function hearing(...changes: TaskChange[]): ClusterTargets {
  const known = new ClusterTargets(1);
  for (const change of changes) known.hear(change, T0);
  return known;
}

describe('what is heard', () => {
  it('is shown, also while no configuration was read', () => {
    expect(shown(hearing())).toBeUndefined();
    expect(shown(hearing(upsert(1)))).toEqual(['1:3000']);
    // Not undefined: the file would go on showing it.
    expect(shown(hearing(upsert(1), stop(1)))).toEqual([]);
  });

  it.each([
    ['a newer version', [upsert(1, 1), upsert(1, 2, NOW, 4000)], ['1:4000']],
    ['an older version', [upsert(1, 2), upsert(1, 1, NOW, 4000)], ['1:3000']],
    ['a later observation of one version', [upsert(1, 1, 5), upsert(1, 1, 6, 4000)], ['1:4000']],
    ['an earlier one', [upsert(1, 1, 6), upsert(1, 1, 5, 4000)], ['1:3000']],
    ['A, B and A again', [upsert(1, 1), upsert(1, 2, NOW, 4000), upsert(1, 3)], ['1:3000']],
    ['A, A again and B late', [upsert(1, 1), upsert(1, 3), upsert(1, 2, NOW, 4000)], ['1:3000']],
    ['a stop, and anything after it', [stop(1, 2), upsert(1, 99, NOW + 99)], []],
    ['a deselection', [upsert(1, 1), deselect(1, 1, NOW + 1)], []],
    ['a selection after it', [deselect(1, 1, NOW), upsert(1, 1, NOW + 1)], ['1:3000']],
    ['a selection before it', [deselect(1, 1, NOW + 1), upsert(1, 1, NOW)], []],
    ['both at once', [deselect(1), upsert(1)], ['1:3000']],
  ])('as %s ends as the newest says', (_, changes, expected) => {
    expect(shown(hearing(...changes))).toEqual(expected);
    expect(shown(hearing(...changes, ...changes))).toEqual(expected);
  });

  it('names the shard whose file changes, and none where it says nothing new', () => {
    const known = new ClusterTargets(4);
    const number = numberIn(2, 4);
    expect(known.hear(upsert(number, 2), T0)).toEqual([2]);
    expect(known.hear(upsert(number, 2), T0)).toEqual([]);
    expect(known.hear(upsert(number, 1), T0)).toEqual([]);
    expect(known.hear(stop(number), T0)).toEqual([2]);
    expect(known.hear(stop(number), T0)).toEqual([]);
  });

  it('keeps a version in mind whose targets are as configured', () => {
    const known = new ClusterTargets(1);
    known.read(0, configuration(1, upsert(1, 1)), T0);
    known.hear(upsert(1, 3), T0);
    expect(known.hear(upsert(1, 2, NOW, 4000), T0)).toEqual([]);
  });

  it('of the shards of another collector leaves nothing in memory', () => {
    const known = new ClusterTargets(2, (shard) => shard === 0);
    for (let nth = 0; nth < 5; nth += 1) expect(known.hear(upsert(numberIn(1, 2, nth)), T0)).toEqual([]);
    known.hear(stop(numberIn(1, 2)), T0);
    expect(known.state(1).heard).toEqual([]);
    expect(known.knows(upsert(numberIn(1, 2)))).toBe(false);
  });
});

describe('a change that was heard', () => {
  it('leaves when the configuration holds it, or something later', () => {
    const known = hearing(upsert(1, 1), upsert(2, 5));
    known.read(0, configuration(1, upsert(1, 2), upsert(2, 4)), T0);
    expect(known.state(0).heard.map(({ change }) => change)).toEqual([upsert(2, 5)]);
  });

  it('stays over a configuration that does not hold it, however often that is read', () => {
    const known = hearing(upsert(1));
    for (let pass = 0; pass < 14; pass += 1) known.read(0, configuration(pass + 1, upsert(2)), T0 + pass * 300_000);
    expect(shown(known)).toEqual(['1:3000', '2:3000']);
  });

  it('leaves by the word of resync that was observed well before, when the version that was compared is read', () => {
    const word = { shard: 0, shards: 1, version: 7, at: NOW + 301 };
    const known = hearing(upsert(1));
    known.read(0, configuration(7, upsert(2)), T0);
    known.compared(word, T0);
    known.read(0, configuration(7, upsert(2)), T0 + LAG - 1);
    expect(shown(known)).toEqual(['1:3000', '2:3000']);
    known.read(0, configuration(7, upsert(2)), T0 + LAG);
    expect(shown(known)).toEqual(['2:3000']);
  });

  it('stays while only an earlier version than was compared is read', () => {
    const known = hearing(upsert(1));
    known.compared({ shard: 0, shards: 1, version: 7, at: NOW + 301 }, T0);
    known.read(0, configuration(6), T0 + LAG);
    expect(shown(known)).toEqual(['1:3000']);
  });

  it('stays at the word about a parameter that began again, until that is what is known', () => {
    const known = hearing(upsert(1));
    known.read(0, configuration(40, upsert(2)), T0);
    known.compared({ shard: 0, shards: 1, version: 2, at: NOW + 301 }, T0);
    const again = configuration(2, upsert(2));
    for (const at of [LAG, 2 * LAG]) known.read(0, again, T0 + at);
    expect(shown(known)).toEqual(['1:3000', '2:3000']);
  });

  it('of a parameter that began again gives way to what that says later', () => {
    const known = new ClusterTargets(1);
    known.read(0, configuration(40, upsert(1)), T0);
    known.hear(upsert(1, 2, NOW, 4000), T0);
    for (const at of [1, LAG + 1]) known.read(0, configuration(2, upsert(1, 3, NOW, 5000)), T0 + at);
    expect(shown(known)).toEqual(['1:5000']);
  });

  it('stays no longer than until the word about another life of the parameter, however soon that is heard', () => {
    const known = new ClusterTargets(1);
    const inLife = (life: string, version: number, ...changes: TaskChange[]) => ({
      version,
      shard: { ...configuration(version, ...changes).shard, life },
    });
    known.read(0, inLife('a', 40, upsert(1)), T0);
    known.read(0, inLife('b', 1, upsert(2)), T0 + 1);
    known.compared({ shard: 0, shards: 1, version: 1, at: NOW, life: 'b' }, T0 + 2);
    known.read(0, inLife('b', 1, upsert(2)), T0 + 3);
    expect(shown(known)).toEqual(['2:3000']);
  });

  it.each([
    ['was observed not long before', { at: NOW + 300 }],
    ['knows another number of shards', { at: NOW + 301, shards: 2 }],
    ['is of another shard', { at: NOW + 301, shard: 1 }],
    ['is of another life of the parameter', { at: NOW + 301, life: 'a' }],
  ])('stays at a word that %s', (_, differing) => {
    const known = hearing(upsert(1));
    known.read(0, configuration(7), T0);
    known.compared({ shard: 0, shards: 1, version: 7, ...differing }, T0);
    known.read(0, configuration(7), T0 + LAG);
    expect(shown(known)).toEqual(['1:3000']);
  });

  it('stays at a word that has done its work, when the parameter begins again and again with the same numbers', () => {
    const known = new ClusterTargets(1);
    known.read(0, configuration(5, upsert(1)), T0);
    const again = configuration(1, upsert(1));
    for (const at of [1, LAG + 1]) known.read(0, again, T0 + at);
    known.compared({ shard: 0, shards: 1, version: 1, at: NOW + 400 }, T0 + LAG + 2);
    known.read(0, again, T0 + LAG + 3);
    known.read(0, configuration(5, upsert(1), upsert(2)), T0 + LAG + 4);
    const empty = configuration(1);
    for (const at of [LAG + 5, 2 * LAG + 6]) known.read(0, empty, T0 + at);
    expect(shown(known)).toEqual(['1:3000', '2:3000']);
  });

  it('stays at an older word after a younger one', () => {
    const known = new ClusterTargets(1);
    known.read(0, configuration(7), T0);
    known.compared({ shard: 0, shards: 1, version: 8, at: NOW }, T0);
    known.compared({ shard: 0, shards: 1, version: 7, at: NOW - 1 }, T0);
    known.hear(upsert(1, 1, NOW - 302), T0);
    known.read(0, configuration(7), T0 + LAG);
    expect(shown(known)).toEqual(['1:3000']);
  });
});

describe('a removal that was heard', () => {
  it('is remembered also after the word that its shard was compared', () => {
    const known = hearing(stop(1));
    known.read(0, configuration(7), T0);
    known.compared({ shard: 0, shards: 1, version: 7, at: NOW + 301 }, T0);
    known.read(0, configuration(7), T0 + LAG);
    expect(known.hear(upsert(1, 99), T0 + LAG)).toEqual([]);
  });

  it('hides nothing that a configuration says later', () => {
    const known = hearing(deselect(1, 1));
    known.read(0, configuration(1, upsert(1, 2)), T0);
    expect(shown(known)).toEqual(['1:3000']);
  });

  it('is remembered for an hour', () => {
    const known = hearing(stop(1));
    known.read(0, configuration(1), T0 + REMOVAL_MEMORY - 1);
    expect(known.hear(upsert(1, 99), T0)).toEqual([]);
    known.read(0, configuration(1), T0 + REMOVAL_MEMORY);
    expect(known.state(0).heard).toEqual([]);
  });

  it('is remembered for as long as a configuration shows the task, and is no less so for a lack of it', () => {
    const known = hearing(stop(1));
    known.read(0, configuration(1, upsert(1)), T0 + 9 * REMOVAL_MEMORY);
    expect(shown(known)).toEqual([]);
    const heardAgain = hearing(stop(1));
    heardAgain.read(0, configuration(2), T0);
    heardAgain.read(0, configuration(3, upsert(1, 99)), T0 + 9 * REMOVAL_MEMORY);
    expect(shown(heardAgain)).toEqual([]);
    heardAgain.read(0, configuration(4), T0 + 9 * REMOVAL_MEMORY);
    expect(heardAgain.state(0).heard).toEqual([]);
  });

  it('is not forgotten for the reading of another shard, or of a lower version', () => {
    const known = new ClusterTargets(2);
    const number = numberIn(1, 2);
    known.hear(stop(number), T0);
    known.read(1, configuration(4), T0);
    known.read(0, configuration(1), T0 + REMOVAL_MEMORY);
    known.read(1, configuration(3), T0 + REMOVAL_MEMORY);
    expect(known.knows(stop(number))).toBe(true);
    known.read(1, configuration(4), T0 + REMOVAL_MEMORY);
    expect(known.knows(stop(number))).toBe(false);
  });

  it('is not forgotten while another shard was never read, where the task may stand', () => {
    const known = new ClusterTargets(2);
    const number = numberIn(1, 2);
    known.hear(stop(number), T0);
    known.read(1, configuration(1), T0 + REMOVAL_MEMORY);
    known.read(0, configuration(1, upsert(number)), T0 + REMOVAL_MEMORY);
    expect(shown(known, 0)).toEqual([]);
  });

  it('of a task of another collector is forgotten when none of ours shows it any more', () => {
    const known = new ClusterTargets(2, (shard) => shard === 0);
    const number = numberIn(1, 2);
    known.read(0, configuration(1, upsert(number)), T0);
    known.hear(stop(number), T0);
    known.read(0, configuration(2), T0 + REMOVAL_MEMORY);
    expect(known.knows(stop(number))).toBe(false);
  });
});

describe('the number of shards', () => {
  const [before, now] = [1, 2];
  const number = numberIn(1, now);

  it('as it was leaves a task in its shard of then until resync has moved it', () => {
    const known = new ClusterTargets(now);
    known.read(0, configuration(3, upsert(number)), T0);
    expect(shown(known, 0)).toEqual([`${number}:3000`]);
    expect(known.hear(upsert(number, 2, NOW, 4000), T0)).toEqual([1, 0]);
    expect([shown(known, 0), shown(known, 1)]).toEqual([[`${number}:3000`], [`${number}:4000`]]);
    expect(known.hear(stop(number), T0)).toEqual([1, 0]);
    expect([shown(known, 0), shown(known, 1)]).toEqual([[], []]);
  });

  it('leaves a task in the files while it is moved, in whatever order the two shards are read', () => {
    const known = new ClusterTargets(now);
    known.read(0, configuration(3, upsert(number)), T0);
    known.read(1, configuration(1), T0);
    // The shard that it left is read as it is, its own as it was.
    expect(known.read(0, configuration(4), T0)).toEqual({ isLower: false, others: [1] });
    expect(shown(known, 1)).toEqual([`${number}:3000`]);
    known.read(1, configuration(2, upsert(number)), T0);
    expect(known.state(1).heard).toEqual([]);
  });

  it('as it was shows no task whose stop its own shard tells', () => {
    const stopped = configuration(2, upsert(number), stop(number));
    for (const first of [0, 1]) {
      const known = new ClusterTargets(now);
      const reads = [configuration(3, upsert(number)), stopped];
      known.read(first, reads[first] ?? stopped, T0);
      const { others } = known.read(1 - first, reads[1 - first] ?? stopped, T0);
      expect([shown(known, 0), shown(known, 1)]).toEqual([[], []]);
      // The file of the shard that was read first has to be written again.
      if (first === 0) expect(others).toEqual([0]);
    }
  });

  it('that fell keeps what stood in the shards that are gone, and what was said of it', () => {
    const old = new ClusterTargets(now);
    const stopped = numberIn(1, now, 1);
    old.read(1, configuration(5, upsert(number), upsert(stopped)), T0);
    old.hear(stop(stopped), T0);
    const known = new ClusterTargets(before);
    known.restore(0, { configuration: configuration(7, upsert(100)), heard: [] });
    known.adopt(old.state(1), T0);
    expect(shown(known)).toEqual(['100:3000', `${number}:3000`].sort());
    expect(known.hear(upsert(stopped, 99), T0)).toEqual([]);
  });

  it('that fell keeps what stood in a shard that is gone, and in its own as that was read before it left', () => {
    const old = new ClusterTargets(now);
    old.read(1, configuration(5, upsert(number)), T0);
    const known = new ClusterTargets(before);
    known.restore(0, { configuration: configuration(7, upsert(number)), heard: [] });
    known.adopt(old.state(1), T0);
    known.read(0, configuration(8), T0);
    expect(shown(known)).toEqual([`${number}:3000`]);
  });

  it('that fell brings nothing back that the shard of the task says was stopped later', () => {
    const old = new ClusterTargets(now);
    old.read(1, configuration(5, upsert(number)), T0);
    const known = new ClusterTargets(before);
    known.restore(0, { configuration: configuration(7, upsert(number), stop(number)), heard: [] });
    known.adopt(old.state(1), T0);
    expect(shown(known)).toEqual([]);
  });

  it('as it was may have left the stop of a task in another shard than the one where it was heard of', () => {
    const known = new ClusterTargets(now);
    known.hear(upsert(number), T0);
    expect(known.read(0, configuration(2, upsert(number), stop(number)), T0).others).toEqual([1]);
    expect(shown(known, 1)).toEqual([]);
  });

  it('leaves nothing in memory of removals that no file contradicts', () => {
    const known = new ClusterTargets(now);
    known.read(0, configuration(3, upsert(number, 5)), T0);
    known.read(1, configuration(2, deselect(number, 1), stop(numberIn(1, now, 1))), T0);
    expect(known.state(1).heard).toEqual([]);
    expect(shown(known, 0)).toEqual([`${number}:3000`]);
  });

  it('as it was may have left an older change of a task in another file: the newest counts', () => {
    for (const first of [0, 1]) {
      const known = new ClusterTargets(now);
      const states = [upsert(number), stop(number)].map((change) => ({
        configuration: undefined,
        heard: [{ change, heardAt: T0 }],
      }));
      for (const shard of [first, 1 - first])
        known.restore(shard, states[shard] ?? { configuration: undefined, heard: [] });
      expect(shown(known, 1)).toEqual([]);
    }
  });

  it('keeps the removal of a task of another collector for as long as one of ours shows it, over a restart', () => {
    const known = new ClusterTargets(now, (shard) => shard === 0);
    known.read(0, configuration(3, upsert(number)), T0);
    expect(known.hear(stop(number), T0)).toEqual([0]);
    const restarted = new ClusterTargets(now, (shard) => shard === 0);
    restarted.restore(0, known.state(0));
    expect(shown(restarted)).toEqual([]);
  });
});

it('the file of a shard that was known by changes alone, which belong in another since a restart, is emptied', () => {
  const number = numberIn(1, 2);
  const before = new ClusterTargets(1);
  before.hear(upsert(number), T0);
  const known = new ClusterTargets(2);
  known.restore(0, before.state(0));
  expect([shown(known, 0), shown(known, 1)]).toEqual([[], [`${number}:3000`]]);
});

it('what lower versions added survives a restart', () => {
  const known = new ClusterTargets(1);
  known.read(0, configuration(40, upsert(1)), T0);
  for (const at of [1, LAG + 1]) known.read(0, configuration(2, upsert(3)), T0 + at);
  const restarted = new ClusterTargets(1);
  restarted.restore(0, known.state(0));
  expect(shown(restarted)).toEqual(['1:3000', '3:3000']);
});

describe('a file whose state is lost', () => {
  it('is left as it is until its configuration was read, whatever is heard', () => {
    const known = new ClusterTargets(1);
    known.distrust(0);
    known.hear(upsert(1), T0);
    expect([shown(known), known.isDistrusted(0)]).toEqual([undefined, true]);
    known.read(0, configuration(3, upsert(2)), T0 + LAG);
    expect([shown(known), known.isDistrusted(0)]).toEqual([['1:3000', '2:3000'], false]);
  });
});
