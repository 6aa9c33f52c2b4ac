import { describe, expect, it } from '@jest/globals';
import { backoff } from '../../../functions/discovery/clock.ts';
import { virtualClock } from '../../factories/clock.ts';

describe('the pause before another try', () => {
  const pauses = (chance: number, tries = 6) =>
    Array.from({ length: tries }, (_, attempt) =>
      backoff(virtualClock(0, chance), attempt, { first: 100, longest: 1000 }),
    );

  it('doubles up to the longest', () => {
    expect(pauses(0)).toEqual([50, 100, 200, 400, 500, 500]);
  });

  it('is spread over half of its length, so that two who collided do not collide again', () => {
    expect(pauses(0.5, 3)).toEqual([75, 150, 300]);
    for (const [attempt, pause] of pauses(0.999_999).entries())
      expect(pause).toBeLessThan(Math.min(1000, 100 * 2 ** attempt));
  });

  it('stays at the longest however often it failed', () => {
    expect(backoff(virtualClock(0, 0), 5000, { first: 100, longest: 1000 })).toBe(500);
  });
});
