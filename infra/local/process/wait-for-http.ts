import { setTimeout as sleep } from 'node:timers/promises';
import { loopbackEndpoint } from '../loopback.ts';
import type { Child } from './child.ts';

/**
 * Waits until the program answers the URL with a 2xx status.
 *
 * @param seconds - how long it may take.
 * @throws Error naming the log when it ends before it answers or does not answer in time.
 */
export const waitForHttp = async (child: Child, url: string, seconds: number): Promise<void> => {
  loopbackEndpoint(url);
  const deadline = Date.now() + seconds * 1000;
  while (Date.now() < deadline) {
    if (!child.running()) {
      throw new Error(`${child.name} ended (${await child.ended}) before it was ready. Its log: ${child.log}`);
    }
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      await response.arrayBuffer();
      if (response.ok) return;
    } catch {
      // Not listening yet.
    }
    await sleep(50);
  }
  throw new Error(`${child.name} did not answer ${url} within ${seconds} s. Its log: ${child.log}`);
};
