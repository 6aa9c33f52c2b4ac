import { setTimeout as sleep } from 'node:timers/promises';

/** Asks until there is an answer, for half a minute: the collector takes up a changed file within 5 s. */
export const until = async <T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> => {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== undefined && answer !== false) return answer;
    await sleep(100);
  }
  throw new Error(`waited in vain for ${what}`);
};
