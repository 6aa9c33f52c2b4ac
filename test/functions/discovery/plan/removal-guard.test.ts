import { describe, expect, it } from '@jest/globals';
import { REMOVALS_ALWAYS_ALLOWED, tooManyRemovals } from '../../../../functions/discovery/plan/removal-guard.ts';

describe('the guard against mass removal', () => {
  it.each([
    [10, 0, 10, 50, false],
    [11, 0, 11, 50, true],
    [11, 11, 22, 50, false],
    [12, 11, 23, 50, true],
    [500, 500, 1000, 50, false],
    [501, 499, 1000, 50, true],
    [11, 0, 11, 100, false],
    [11, 989, 1000, 1, true],
    [11, 989, 1000, 0, true],
    [0, 0, 0, 50, false],
  ])('%i removals, %i confirmed beside %i published, with a limit of %i %%: held is %p', (...row) => {
    const [removals, confirmed, published, limit, held] = row;
    expect(tooManyRemovals({ removals, confirmed, published }, limit)).toBe(held);
  });

  it('lets a deployment replace every task while the configuration lags behind', () => {
    expect(tooManyRemovals({ removals: 100, confirmed: 100, published: 100 }, 50)).toBe(false);
    expect(tooManyRemovals({ removals: 100, confirmed: 120, published: 100 }, 0)).toBe(false);
  });

  it('lets a small fleet go to zero', () => {
    const removals = REMOVALS_ALWAYS_ALLOWED;
    expect(tooManyRemovals({ removals, confirmed: 0, published: removals }, 0)).toBe(false);
  });
});
