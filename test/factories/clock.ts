import type { Clock } from '../../functions/discovery/clock.ts';

export interface VirtualClock extends Clock {
  /** Every pause that was asked for, in milliseconds. */
  readonly slept: number[];
  advance(milliseconds: number): void;
}

/** A clock on which a pause takes no real time; what is asked of it decides how it goes on. */
export function virtualClock(start = Date.parse('2026-11-25T04:00:10Z'), chance = 0): VirtualClock {
  let now = start;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    random: () => chance,
    advance: (milliseconds) => {
      now += milliseconds;
    },
    async sleep(milliseconds) {
      slept.push(milliseconds);
      now += milliseconds;
    },
  };
}
