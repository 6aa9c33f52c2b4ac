import { describe, expect, it } from '@jest/globals';
import { nearest } from '../../../functions/discovery/nearest.ts';
import fc from '../../fast-check.ts';

describe('the nearest name', () => {
  it.each([
    ['shardz', ['shards', 'shardTier'], 'shards'],
    ['SHARD-TIER', ['shards', 'shardTier'], 'shardTier'],
    ['paht', ['port', 'path'], 'path'],
    ['ab', ['ax', 'ay'], 'ax'],
    ['something', ['shards'], undefined],
  ])('to %s among %j is %s', (word, known, found) => {
    expect(nearest(word, known)).toBe(found);
  });

  it('is none where more edits are needed than are allowed', () => {
    expect(nearest('abcdef', ['abcdxy'], 2)).toBe('abcdxy');
    expect(nearest('abcdef', ['abcdxy'], 1)).toBeUndefined();
  });

  it('is what counting every edit finds, though the counting ends early', () => {
    const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 7 });
    fc.assert(
      fc.property(word, fc.array(word, { minLength: 1, maxLength: 4 }), fc.nat(6), (from, known, most) => {
        const counted = known.map((to) => ({ to, edits: editsBetween(from, to) }));
        const [best] = counted.sort((a, b) => a.edits - b.edits);
        expect(nearest(from, known, most)).toBe(best && best.edits <= most ? best.to : undefined);
      }),
    );
  });
});

/** By the definition, letter by letter from the end. */
function editsBetween(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const swap = a.length > 1 && a.at(-1) === b.at(-2) && a.at(-2) === b.at(-1);
  return Math.min(
    editsBetween(a.slice(0, -1), b.slice(0, -1)) + (a.at(-1) === b.at(-1) ? 0 : 1),
    editsBetween(a.slice(0, -1), b) + 1,
    editsBetween(a, b.slice(0, -1)) + 1,
    swap ? editsBetween(a.slice(0, -2), b.slice(0, -2)) + 1 : Number.POSITIVE_INFINITY,
  );
}
