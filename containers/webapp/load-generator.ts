import { Agent, get } from 'node:http';

/**
 * Requests in flight at most. When the server is slower than the rate asks for, further requests are left out: a queue
 * in the generator would grow without end and measure only itself.
 */
const MAX_IN_FLIGHT = 100;

/** A running load generator. */
interface LoadGenerator {
  /** Stops sending at once; requests in flight end by themselves. */
  stop(): void;
}

/** Calls `url` at a steady rate until stopped. A failed request is the server's to count, so it is passed over here. */
export function startLoadGenerator(url: URL, requestsPerSecond: number): LoadGenerator {
  if (requestsPerSecond === 0) return { stop: () => {} };
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_IN_FLIGHT });
  let inFlight = 0;

  const send = () => {
    if (inFlight >= MAX_IN_FLIGHT) return;
    inFlight += 1;
    get(url, { agent }, (response) => response.resume())
      .on('error', () => {})
      .once('close', () => {
        inFlight -= 1;
      });
  };

  const timer = setInterval(send, 1000 / requestsPerSecond);
  return {
    stop: () => {
      clearInterval(timer);
      agent.destroy();
    },
  };
}
