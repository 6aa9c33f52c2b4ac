/** The one HTTP server of target-sync. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, isIPv6 } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { TARGET_SYNC_ENVIRONMENT } from '../../../functions/discovery/target-sync-environment.ts';
import { type Answer, text } from './answer.ts';

export interface Request {
  readonly query: URLSearchParams;
  /** The header If-None-Match. */
  readonly known: string | undefined;
}

interface Route {
  readonly answer: (request: Request) => Answer | Promise<Answer>;
  /** Answered to processes of the same network namespace alone. */
  readonly isLocal?: boolean;
}

/** Routes by their path. */
export type Routes = Readonly<Record<string, Route>>;

const LOOPBACK = '127.0.0.1';
/** Addresses that stand for all of the host, the loopback one among them. */
const ALL = ['0.0.0.0', '::'];

/**
 * @param listen the address to listen on beside the loopback one
 * @param port 0 lets the system choose one
 */
export async function serve(
  { listen, port }: { readonly listen: string; readonly port: number },
  routes: Routes,
  afterAnswer: () => void = () => {},
): Promise<{ readonly port: number; close(): void }> {
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    respond(routes, request, response).then(afterAnswer, () => response.destroy());
  };
  const first = await listening(answer, ALL.includes(listen) ? listen : LOOPBACK, port);
  const chosen = (first.address() as AddressInfo).port;
  const servers = [first];
  if (!ALL.includes(listen) && listen !== LOOPBACK) servers.push(await listening(answer, listen, chosen));
  return {
    port: chosen,
    close: () => {
      for (const server of servers) server.close();
    },
  };
}

async function listening(answer: RequestListener, address: string, port: number): Promise<Server> {
  const server = createServer(answer);
  try {
    await once(server.listen(port, address), 'listening');
    return server;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const where = isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
    throw new Error(
      `no HTTP server on ${where} (${reason}): set another ${TARGET_SYNC_ENVIRONMENT.healthPort} or ${TARGET_SYNC_ENVIRONMENT.listen}.`,
      { cause },
    );
  }
}

async function respond(routes: Routes, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, headers, body } = await answerTo(routes, request).catch((error: unknown) =>
    text(500, error instanceof Error ? error.message : String(error)),
  );
  response.writeHead(status, { ...headers, connection: 'close' });
  const parts = request.method === 'HEAD' ? [] : body;
  await pipeline(Readable.from(parts, { highWaterMark: 1 }), response);
}

async function answerTo(routes: Routes, { method, url = '/', headers, socket }: IncomingMessage): Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') return { ...text(405, 'only GET'), headers: { allow: 'GET, HEAD' } };
  const [path = '/', query = ''] = url.split('?', 2);
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
  if (!route || (route.isLocal && !isLoopback(socket.remoteAddress))) {
    return text(404, `there is ${Object.keys(routes).join(', ')}`);
  }
  return route.answer({ query: new URLSearchParams(query), known: headers['if-none-match'] });
}

const isLoopback = (address = ''): boolean => /^(::1|(::ffff:)?127\.)/.test(address);
