/** One HTTP request and its whole answer over Node's own client, whose footprint is a fraction of `fetch`'s. */
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

export interface HttpExchange {
  readonly method: 'GET' | 'POST';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Milliseconds until the answer must be complete. */
  readonly timeout: number;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

/** No complete answer in time; the service or the way to it is slow or gone. */
export class TimeoutError extends Error {
  override readonly name = 'TimeoutError';
}

const http = new HttpAgent({ keepAlive: true });
const https = new HttpsAgent({ keepAlive: true });

/** @throws TimeoutError, the signal's reason when it aborts, or what the network says. */
export function exchange({ method, url, headers, body, timeout, signal }: HttpExchange): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:';
    const options = { method, headers, agent: secure ? https : http, ...(signal ? { signal } : {}) };
    const request = (secure ? requestHttps : requestHttp)(url, options, (response) => {
      const parts: Buffer[] = [];
      response
        .on('data', (part: Buffer) => parts.push(part))
        .on('error', reject)
        .on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(parts).toString() }));
    });
    const timer = setTimeout(
      () => request.destroy(new TimeoutError(`${url.host} did not answer within ${timeout} ms`)),
      timeout,
    );
    request.on('error', reject).once('close', () => clearTimeout(timer));
    request.end(body);
  });
}
