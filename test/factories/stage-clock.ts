import type { VirtualClock } from './clock.ts';

/** A clock that stands still while code runs, and goes on to the next pause that ends when all of it waits. */
export interface StageClock extends VirtualClock {
  /**
   * Runs something to its end; its pauses take no real time.
   *
   * @throws when it waits for what never comes
   */
  run<Result>(act: () => Promise<Result>): Promise<Result>;
}

/** Turns of the event loop in which code goes as far as it can; a module that is imported takes some. */
const TURNS = 3;
const MOST_TURNS = 2000;

export function stageClock(start: number): StageClock {
  let now = start;
  const slept: number[] = [];
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];

  async function turn(): Promise<void> {
    for (let count = 0; count < TURNS; count++) await new Promise((resolve) => setImmediate(resolve));
  }

  /** @returns false where nobody sleeps */
  function wakeNext(until = Number.POSITIVE_INFINITY): boolean {
    sleepers.sort((a, b) => a.at - b.at);
    const [next] = sleepers;
    if (!next || next.at > until) return false;
    sleepers.shift();
    now = Math.max(now, next.at);
    next.wake();
    return true;
  }

  return {
    slept,
    now: () => now,
    random: () => 0,
    sleep(milliseconds) {
      slept.push(milliseconds);
      return new Promise((wake) => sleepers.push({ at: now + milliseconds, wake }));
    },
    advance(milliseconds) {
      const until = now + milliseconds;
      while (wakeNext(until));
      now = until;
    },
    async run(act) {
      let isOver = false;
      const running = act().finally(() => {
        isOver = true;
      });
      running.catch(() => {});
      for (let idle = 0; ; idle++) {
        await turn();
        if (isOver) return running;
        if (wakeNext()) idle = 0;
        else if (idle > MOST_TURNS) throw new Error('it waits for what never comes');
      }
    },
  };
}
