import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { WorkloadMetrics } from './metrics.ts';

/** Routes. Requests to `/metrics` and `/health` are not counted: they are not the workload. */
export const PATHS = { work: '/work', metrics: '/metrics', health: '/health' } as const;

/** Path label of whatever is not a route, and method label of whatever is not a usual method: bounds the series. */
const OTHER = 'other';
const KNOWN_METHODS: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** Time of one piece of work: exponential, as service times are, cut off at five times the mean. */
function workTime(meanMilliseconds: number): number {
  return Math.min(-Math.log(1 - Math.random()), 5) * meanMilliseconds;
}

function answer(response: ServerResponse, status: number, body: string, contentType = 'text/plain; charset=utf-8') {
  response.writeHead(status, { 'content-type': contentType }).end(body);
}

function countWhenFinished(request: IncomingMessage, response: ServerResponse, path: string, metrics: WorkloadMetrics) {
  const start = performance.now();
  const method = KNOWN_METHODS.includes(request.method ?? '') ? String(request.method) : OTHER;
  response.once('finish', () =>
    metrics.record({ path, method, status: response.statusCode, milliseconds: performance.now() - start }),
  );
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  metrics: WorkloadMetrics,
  workMilliseconds: number,
): Promise<void> {
  const path = (request.url ?? '/').split('?', 1)[0];
  if (path === PATHS.metrics) return answer(response, 200, await metrics.text(), metrics.contentType);
  if (path === PATHS.health) return answer(response, 200, 'ok\n');

  countWhenFinished(request, response, path === PATHS.work ? path : OTHER, metrics);
  if (path !== PATHS.work)
    return answer(response, 404, `No such page. There are ${Object.values(PATHS).join(', ')}.\n`);
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return answer(response, 405, `${PATHS.work} answers GET only.\n`);
  }
  await delay(workTime(workMilliseconds));
  answer(response, 200, 'work done\n');
}

/** The stateless web application. The caller lets it listen and closes it. */
export function webappServer(metrics: WorkloadMetrics, workMilliseconds: number): Server {
  return createServer((request, response) => {
    handle(request, response, metrics, workMilliseconds).catch((error: unknown) => {
      console.error(`${request.method} ${request.url} failed: ${error instanceof Error ? error.message : error}`);
      if (response.headersSent) response.destroy();
      else answer(response, 500, 'internal error\n');
    });
  });
}
