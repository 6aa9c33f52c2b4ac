import type { Clock } from '../discovery/clock.ts';

/**
 * Milliseconds between two puts, and what they are multiplied by after a put or a refusal. SSM allows the whole account 3 a
 * second, or 10 with the higher throughput (AWS Systems Manager quotas); others may use a part of it.
 */
export const PACE = { least: 100, most: 1000, slower: 1.4, faster: 0.85 };

/** Finds the rate that the account has left: a little faster after each put, much slower after each refusal. */
export function createPace(clock: Clock) {
  let interval = PACE.least;
  let next = 0;
  return {
    async turn(): Promise<void> {
      const at = Math.max(clock.now(), next);
      next = at + interval * (0.75 + clock.random() / 2);
      if (at > clock.now()) await clock.sleep(at - clock.now());
    },
    faster: () => {
      interval = Math.max(PACE.least, interval * PACE.faster);
    },
    slower: () => {
      interval = Math.min(PACE.most, interval * PACE.slower);
      next = clock.now() + interval;
    },
  };
}
