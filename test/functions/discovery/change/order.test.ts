import { describe, expect, it } from '@jest/globals';
import type { Stamp } from '../../../../functions/discovery/change/change.ts';
import { isNewer, newestOfEach } from '../../../../functions/discovery/change/order.ts';
import { deselect, OBSERVED, someChange, stop, upsert } from '../../../factories/shards.ts';
import { idOf } from '../../../factories/tasks.ts';
import fc from '../../../fast-check.ts';

const stamp: fc.Arbitrary<Stamp> = fc.record({
  kind: fc.constantFrom('upsert' as const, 'stop' as const, 'deselect' as const),
  version: fc.integer({ min: 1, max: 3 }),
  observed: fc.integer({ min: 1, max: 3 }),
});
const isSame = (a: Stamp, b: Stamp): boolean =>
  (a.kind === 'stop' && b.kind === 'stop') ||
  (a.kind === b.kind && a.version === b.version && a.observed === b.observed);

describe('the order of statements about a task', () => {
  type Row = readonly [string, Stamp, Stamp, boolean];
  const at = (kind: Stamp['kind'], version: number, observed: number): Stamp => ({ kind, version, observed });
  it.each<Row>([
    ['a higher version wins, whenever it was observed', at('upsert', 2, 1), at('upsert', 1, 9), true],
    ['a higher version wins also where it deselects', at('deselect', 2, 1), at('upsert', 1, 9), true],
    ['and where it selects again', at('upsert', 2, 1), at('deselect', 1, 9), true],
    ['of one version the later observation wins', at('upsert', 1, 2), at('upsert', 1, 1), true],
    [
      'of one version the later observation wins also where it deselects',
      at('deselect', 1, 2),
      at('upsert', 1, 1),
      true,
    ],
    ['between two that are equal, a task stays a target', at('upsert', 1, 1), at('deselect', 1, 1), true],
    ['a stop wins, however old', at('stop', 1, 1), at('upsert', 9, 9), true],
    ['a stop is the last word', at('upsert', 9, 9), at('stop', 1, 1), false],
    ['also against a stop', at('stop', 9, 9), at('stop', 1, 1), false],
  ])('%s', (_, a, b, expected) => {
    expect(isNewer(a, b)).toBe(expected);
    if (expected) expect(isNewer(b, a)).toBe(false);
  });

  it('never puts a statement before itself, nor two before each other', () => {
    fc.assert(fc.property(stamp, (a) => expect(isNewer(a, a)).toBe(false)));
    fc.assert(fc.property(stamp, stamp, (a, b) => expect(isNewer(a, b) && isNewer(b, a)).toBe(false)));
  });

  it('is transitive', () => {
    fc.assert(
      fc.property(stamp, stamp, stamp, (a, b, c) => {
        if (isNewer(a, b) && isNewer(b, c)) expect(isNewer(a, c)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('leaves undecided only what says the same', () => {
    fc.assert(fc.property(stamp, stamp, (a, b) => expect(isNewer(a, b) || isNewer(b, a)).toBe(!isSame(a, b))));
  });

  it('has a stop last', () => {
    fc.assert(
      fc.property(stamp, stamp, (a, b) => {
        if (a.kind === 'stop' && b.kind !== 'stop') expect([isNewer(a, b), isNewer(b, a)]).toEqual([true, false]);
      }),
    );
  });
});

describe('the newest statement of each task', () => {
  it('is found among any number', () => {
    const changes = [upsert(1), stop(2), upsert(1, { version: 3 }), upsert(2), deselect(1, { version: 2 })];
    expect(newestOfEach(changes)).toEqual(
      new Map<string, unknown>([
        [idOf(1), upsert(1, { version: 3 })],
        [idOf(2), stop(2)],
      ]),
    );
    expect(newestOfEach([])).toEqual(new Map());
  });

  it('is older than none', () => {
    fc.assert(
      fc.property(fc.array(someChange), (changes) => {
        const newest = newestOfEach(changes);
        for (const change of changes) {
          const found = newest.get(change.taskId);
          expect(found && !isNewer(change, found)).toBe(true);
        }
      }),
    );
  });

  it('is the first of several that say the same', () => {
    const first = stop(1, { observed: OBSERVED + 9 });
    expect(newestOfEach([first, stop(1)]).get(idOf(1))).toBe(first);
  });
});
