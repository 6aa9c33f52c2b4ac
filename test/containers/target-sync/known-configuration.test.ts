import { describe, expect, it } from '@jest/globals';
import {
  type HeardWord,
  type KnownConfiguration,
  knownConfiguration,
  LAG,
  takeReading,
} from '../../../containers/target-sync/sync/known-configuration.ts';
import type { Configuration } from '../../../containers/target-sync/sync/shard-state.ts';
import { configuration, deselect, NOW, taskId, upsert } from './statements.ts';

const T0 = NOW * 1000;
const word = (version: number, known: number, more: Partial<HeardWord> = {}): HeardWord => ({
  ...{ shard: 0, shards: 1, version, at: NOW, known, isOfRestarted: false, heardAt: T0, ...more },
});

/** Takes readings one after the other, each so many milliseconds after the first. */
const reading = (readings: readonly (readonly [Configuration, number])[], heard?: HeardWord): KnownConfiguration =>
  readings.reduce<KnownConfiguration | undefined>(
    (known, [read, at]) => takeReading(known, read, heard, T0 + at),
    undefined,
  ) as KnownConfiguration;

const tasks = ({ merged }: KnownConfiguration): number[] =>
  [...merged.tasks.keys()].map((id) => Number.parseInt(id, 16)).sort((a, b) => a - b);

const inLife = (life: string, { version, shard }: Configuration): Configuration => ({
  version,
  shard: { ...shard, life },
});

const forty = configuration(40, upsert(1), upsert(2));

/** A version that holds task 3, and remembers that another one was removed. */
const removing = (version: number, task: number): Configuration => {
  const { shard } = configuration(version, upsert(3));
  return { version, shard: { ...shard, removed: new Map([[taskId(task), deselect(task, 2)]]) } };
};

describe('a reading of a shard', () => {
  it('with a higher version replaces what was known', () => {
    expect(
      tasks(
        reading([
          [forty, 0],
          [configuration(41, upsert(2)), 1],
        ]),
      ),
    ).toEqual([2]);
  });

  it('with a lower version says nothing as long as SSM may lag: a task that it has may have stopped since', () => {
    const known = reading([
      [forty, 0],
      [configuration(39, upsert(1), upsert(3)), 1],
      [configuration(39, upsert(3)), LAG],
    ]);
    expect(tasks(known)).toEqual([1, 2]);
    expect(known.version).toBe(40);
    expect(known.lower?.since).toBe(T0 + 1);
  });

  it('with a version that is still lower after that adds and removes, and lets nothing else go', () => {
    expect(
      tasks(
        reading([
          [forty, 0],
          [removing(1, 2), 1],
          [removing(1, 2), LAG + 1],
        ]),
      ),
    ).toEqual([1, 3]);
  });

  it.each([1, 2, 41])('with version %i that has forgotten what a lower one removed brings nothing back', (version) => {
    const known = reading([
      [forty, 0],
      [removing(1, 2), 1],
      [removing(1, 2), LAG + 1],
      [configuration(version, upsert(3)), LAG + 2],
      [configuration(version, upsert(3)), LAG + 3],
    ]);
    expect(tasks(known)).toEqual([1, 3]);
  });

  it('with lower versions of which one adds again what an earlier one removed shows it', () => {
    const known = reading([
      [forty, 0],
      [removing(1, 2), 1],
      [removing(1, 2), LAG + 1],
      [configuration(2, upsert(2, 3)), LAG + 2],
    ]);
    expect(tasks(known)).toEqual([1, 2]);
  });

  it('with lower versions goes on among them, and a lower one yet only adds again', () => {
    const readings = [
      [forty, 0],
      [configuration(2, upsert(3)), 1],
      [configuration(2, upsert(3)), LAG + 1],
    ] as const;
    expect(tasks(reading([...readings, [configuration(3, upsert(4)), LAG + 2]]))).toEqual([1, 2, 4]);
    const twice = [...readings, [configuration(1, upsert(4)), LAG + 2]] as const;
    expect(tasks(reading(twice))).toEqual([1, 2, 3, 4]);
    expect(tasks(reading([...twice, [configuration(2, upsert(5)), LAG + 3]]))).toEqual([1, 2, 3, 4, 5]);
  });

  it('with the version that is known ends a lag, and takes back what was lower', () => {
    const lower = configuration(39, upsert(3));
    const known = reading([
      [forty, 0],
      [lower, 1],
      [lower, LAG + 1],
      [forty, LAG + 2],
    ]);
    expect(tasks(known)).toEqual([1, 2]);
    expect(known.lower).toBeUndefined();
    expect(
      reading([
        [forty, 0],
        [lower, 1],
        [forty, 2],
        [lower, LAG + 1],
      ]).lower?.since,
    ).toBe(T0 + LAG + 1);
  });

  it('with the version that is known and other targets is of a parameter that began again', () => {
    const two = configuration(2, upsert(1), upsert(2));
    const other = configuration(2, upsert(3));
    expect(
      tasks(
        reading([
          [two, 0],
          [other, 1],
          [other, LAG + 1],
        ]),
      ),
    ).toEqual([1, 2, 3]);
  });

  it('with a higher version after lower ones that were no lag adds only: its numbers passed the one that is known', () => {
    const two = configuration(2, upsert(1), upsert(2));
    const again = configuration(1, upsert(3));
    const passed = configuration(3, upsert(4));
    const readings = [
      [two, 0],
      [again, 1],
      [again, LAG + 1],
      [passed, LAG + 2],
    ] as const;
    const short = [
      [two, 0],
      [again, 1],
      [passed, 2],
    ] as const;
    expect(tasks(reading(readings))).toEqual([1, 2, 4]);
    expect(tasks(reading(short))).toEqual([4]);
    expect(tasks(reading(readings, word(3, 2)))).toEqual([1, 2, 4]);
    expect(tasks(reading(readings, word(3, 2, { isOfRestarted: true })))).toEqual([4]);
  });

  it('of another life of its parameter adds only, whatever its version and however soon it comes', () => {
    const before = inLife('a', configuration(2, upsert(1)));
    for (const version of [1, 2, 3]) {
      const again = [inLife('b', configuration(version, upsert(2))), 1] as const;
      expect(tasks(reading([[before, 0], again]))).toEqual([1, 2]);
    }
    const next = [inLife('a', configuration(3, upsert(2))), 1] as const;
    expect(tasks(reading([[before, 0], next]))).toEqual([2]);
  });

  it('of another life keeps what it added while SSM shows the past again', () => {
    const known = reading([
      [inLife('a', forty), 0],
      [inLife('b', configuration(1, upsert(3))), 1],
      [inLife('a', configuration(39, upsert(1))), 2],
    ]);
    expect(tasks(known)).toEqual([1, 2, 3]);
  });

  it.each(['a', 'b'])('of another life keeps what it added when the same targets come again, as of life %s', (life) => {
    const known = reading([
      [inLife('a', forty), 0],
      [inLife('b', configuration(42, upsert(3))), 1],
      [inLife(life, forty), 2],
    ]);
    expect(tasks(known)).toEqual([1, 2, 3]);
    expect(known.lower?.version).toBe(42);
  });

  it('of a third life adds to what the second one added, whatever their versions', () => {
    const known = reading([
      [inLife('a', forty), 0],
      [inLife('b', configuration(1, upsert(3))), 1],
      [inLife('c', configuration(2, upsert(4))), 2],
      [inLife('c', configuration(3, upsert(4))), 3],
    ]);
    expect(tasks(known)).toEqual([1, 2, 3, 4]);
  });

  it('of a life that is named for the first time is of no other one: the first write of a parameter names it', () => {
    const named = inLife('a', configuration(2, upsert(2)));
    expect(
      tasks(
        reading([
          [configuration(1, upsert(1)), 0],
          [named, 1],
        ]),
      ),
    ).toEqual([2]);
  });

  it('with lower versions remembers no removal of a task that nothing shows for longer than they do', () => {
    const known = reading([
      [forty, 0],
      [removing(1, 9), 1],
      [removing(1, 9), LAG + 1],
      [configuration(2, upsert(3)), LAG + 2],
    ]);
    expect([...known.merged.removed.keys()]).toEqual([]);
  });

  it.each([
    // word, milliseconds of lag, what is shown
    ['compared it, and SSM does not lag so long', word(1, 40, { heardAt: T0 + LAG + 1 }), LAG, [3]],
    ['compared it, but SSM may lag', word(1, 40, { heardAt: T0 + LAG + 1 }), LAG - 1, [1, 2]],
    ['compared one that came before, of which it was heard late', word(1, 40), LAG, [1, 2, 3]],
    ['did not compare it', undefined, LAG, [1, 2, 3]],
    ['compared it before the higher version was known', word(1, 1), LAG, [1, 2, 3]],
    ['compared the version that is known', word(40, 40, { heardAt: T0 + 9 * LAG }), LAG, [1, 2, 3]],
    ['compared a later version than was read', word(3, 40), LAG, [1, 2, 3]],
    ['compared it in a life before this one', word(1, 40, { heardAt: T0 + LAG + 1, life: 'before' }), LAG, [1, 2, 3]],
  ] as const)('with a lower version, where resync %s', (_, heard, lag, shown) => {
    const lower = configuration(2, upsert(3));
    expect(
      tasks(
        reading(
          [
            [forty, 0],
            [lower, 1],
            [lower, 1 + lag],
          ],
          heard,
        ),
      ),
    ).toEqual(shown);
  });

  it.each([
    ['long after it was read so', LAG + 1, [3]],
    ['before', LAG, [1, 2, 3]],
  ])('with the same version and other targets, where resync compared it %s', (_, heardAt, shown) => {
    const [two, other] = [configuration(2, upsert(1), upsert(2)), configuration(2, upsert(3))];
    const readings = [
      [two, 0],
      [other, 1],
      [other, LAG + 1],
    ] as const;
    expect(tasks(reading(readings, word(2, 2, { heardAt: T0 + heardAt })))).toEqual(shown);
  });

  it('survives a restart with what was lower', () => {
    const lower = configuration(2, upsert(3));
    const known = reading([
      [forty, 0],
      [lower, 1],
      [lower, LAG + 1],
    ]);
    expect(tasks(knownConfiguration(known, known.lower))).toEqual([1, 2, 3]);
  });
});
