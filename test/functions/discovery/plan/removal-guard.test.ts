import { describe, expect, it } from '@jest/globals';
import { tooManyRemovals } from '../../../../functions/discovery/plan/removal-guard.ts';

describe('the guard against mass removal', () => {
  it.each([
    [10, 10, 50, false],
    [11, 11, 50, true],
    [11, 22, 50, false],
    [12, 23, 50, true],
    [500, 1000, 50, false],
    [501, 1000, 50, true],
    [11, 11, 100, false],
    [11, 1000, 1, true],
    [11, 1000, 0, true],
    [0, 0, 50, false],
  ])('of %i removals among %i published with a limit of %i %%: held is %p', (removals, published, limit, held) => {
    expect(tooManyRemovals(removals, published, limit)).toBe(held);
  });
});
