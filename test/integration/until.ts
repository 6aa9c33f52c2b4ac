import { setTimeout as sleep } from 'node:timers/promises';

/** Asks again and again until there is an answer, for half a minute at most: a message is tried again after 1, 2, 4 … s. */
export async function until<T>(what: string, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 30_000;
  while (Date.now() < end) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    await sleep(50);
  }
  throw new Error(`waited in vain for ${what}`);
}
