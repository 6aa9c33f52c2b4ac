import { describe, expect, it } from '@jest/globals';
import { matchesPattern } from '../../../../functions/discovery/selection/pattern.ts';

describe('a pattern', () => {
  it.each([
    ['shop', 'shop', true],
    ['shop', 'shops', false],
    ['*', '', true],
    ['a*', 'b', false],
    ['*a', 'b', false],
    ['ab*ba', 'aba', false],
    ['ab*ba', 'abba', true],
    ['a*b*c', 'a-b-b-c', true],
    ['a*bb*b', 'abb', false],
    ['**', 'x', true],
    ['com.example.*', 'comXexampleXteam', false],
    ['com.example.*', 'com.example.team', true],
  ])('%s, met by %s: %p', (pattern, name, matches) => {
    expect(matchesPattern(pattern, name)).toBe(matches);
  });

  it('with many stars takes no longer for a name that nearly fits', () => {
    expect(matchesPattern(`${'*a'.repeat(50)}b`, 'a'.repeat(10_000))).toBe(false);
  });
});
