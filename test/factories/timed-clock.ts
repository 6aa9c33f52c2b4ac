/** Several programs at once on one clock: pauses end in the order of their times, and take no real time. */
import type { Clock } from '../../functions/discovery/clock.ts';

export interface TimedClock extends Clock {
  /** Runs until the work is done. */
  run<Result>(work: Promise<Result>): Promise<Result>;
}

/** @param seed decides what `random` gives */
export function timedClock(seed: number, start = Date.parse('2026-11-25T04:00:10Z')): TimedClock {
  let now = start;
  let state = (seed % 2_147_483_646) + 1;
  let pauses: { readonly until: number; readonly end: () => void }[] = [];
  return {
    now: () => now,
    random() {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    },
    sleep: (milliseconds) =>
      new Promise((end) => {
        pauses.push({ until: now + milliseconds, end });
      }),
    async run(work) {
      let isDone = false;
      const noted = () => {
        isDone = true;
      };
      work.then(noted, noted);
      for (;;) {
        // Lets everybody go on until they pause.
        await new Promise((ready) => setImmediate(ready));
        const next = pauses.reduce<(typeof pauses)[number] | undefined>(
          (first, it) => (first && first.until <= it.until ? first : it),
          undefined,
        );
        if (isDone) return work;
        if (!next) throw new Error('nobody pauses, and the work is not done');
        pauses = pauses.filter((it) => it !== next);
        now = Math.max(now, next.until);
        next.end();
      }
    },
  };
}
