/** A remote-write receiver that fails on demand, as AMP or the way to it may. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { snappyDecode } from './snappy.ts';
import { type WrittenSeries, writtenSeries } from './write-request.ts';

/**
 * What it does with a request while the fault is on. `hold`: says nothing and answers 503 when the fault is over. `swallow`:
 * never answers. `slow`: takes all, and answers after {@link SLOW_MILLISECONDS}. `limit`: takes the series below a quota and answers 429 to a request with one above it, as AMP does with
 * its quota of active series (AMP user guide, "429 or limit exceeded errors"; Cortex takes the rest of such a request).
 */
export type Fault = '500' | '429' | '400' | 'hold' | 'swallow' | 'slow' | 'limit';

const SLOW_MILLISECONDS = 400;

export interface Receiver {
  /** Remote-write URL. */
  readonly endpoint: string;
  /** Starts a fault, or ends it. */
  readonly fail: (fault: Fault | undefined) => void;
  /** When each request came, in milliseconds of `performance.now()`. */
  readonly requests: readonly number[];
  /** Bytes of the largest request, uncompressed. */
  readonly largest: () => number;
  readonly close: () => Promise<void>;
}

export interface ReceiverOptions {
  /** Is told of every series that is taken. */
  readonly took: (series: WrittenSeries) => void;
  /** Whether a series is above the quota of the fault `limit`. */
  readonly aboveQuota: (series: WrittenSeries) => boolean;
}

export async function startReceiver({ took, aboveQuota }: ReceiverOptions): Promise<Receiver> {
  let fault: Fault | undefined;
  let largest = 0;
  const requests: number[] = [];
  const held: ServerResponse[] = [];

  const take = (body: Buffer): number => {
    const request = snappyDecode(body);
    largest = Math.max(largest, request.length);
    let refused = false;
    for (const series of writtenSeries(request)) {
      if (fault === 'limit' && aboveQuota(series)) refused = true;
      else took(series);
    }
    return refused ? 429 : 200;
  };
  const answer = (response: ServerResponse, body: Buffer): void => {
    if (fault === 'hold') held.push(response);
    else if (fault !== 'swallow') {
      const takes = fault === undefined || fault === 'limit' || fault === 'slow';
      response.statusCode = takes ? take(body) : Number(fault);
      setTimeout(() => response.end(), fault === 'slow' ? SLOW_MILLISECONDS : 0);
    }
  };
  const server = createServer((request: IncomingMessage, response) => {
    requests.push(performance.now());
    const chunks: Buffer[] = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => answer(response, Buffer.concat(chunks)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}/api/v1/remote_write`,
    requests,
    largest: () => largest,
    fail: (next) => {
      fault = next;
      for (const response of held.splice(0)) response.writeHead(503).end();
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
