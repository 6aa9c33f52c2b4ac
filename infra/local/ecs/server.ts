/** AWS JSON 1.1 over HTTP: `POST /` with the operation in the header X-Amz-Target. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import type { EcsApi } from './api.ts';
import { EcsError } from './errors.ts';

const TARGET = /^AmazonEC2ContainerServiceV20141113\.(\w+)$/;

export interface EcsServer {
  readonly endpoint: string;
  readonly stop: () => Promise<void>;
}

/** What else the server answers: `POST /_local/<name>`, for the commands that are tried by hand. */
export type LocalControls = Readonly<Record<string, (body: string) => unknown>>;

const send = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body));
};

const handle = async (
  request: IncomingMessage,
  response: ServerResponse,
  api: EcsApi,
  controls: LocalControls,
): Promise<void> => {
  const body = await text(request);
  const control = /^\/_local\/(\w+)$/.exec(request.url ?? '')?.[1];
  if (control !== undefined && Object.hasOwn(controls, control)) {
    return send(response, 200, controls[control]?.(body) ?? {});
  }
  const target = request.headers['x-amz-target'];
  const operation = TARGET.exec(typeof target === 'string' ? target : '')?.[1];
  if (operation === undefined) throw new EcsError('UnknownOperationException', 'No X-Amz-Target of ECS.');
  let parsed: unknown;
  try {
    parsed = body === '' ? {} : JSON.parse(body);
  } catch {
    throw new EcsError('SerializationException', 'The request is not JSON.');
  }
  send(response, 200, await api(operation, parsed));
};

/** Serves the API on a loopback port. */
export const serveEcs = async (api: EcsApi, port: number, controls: LocalControls = {}): Promise<EcsServer> => {
  const server = createServer((request, response) => {
    handle(request, response, api, controls).catch((error: unknown) => {
      const known = error instanceof EcsError;
      send(response, known ? 400 : 500, {
        __type: known ? error.name : 'ServerException',
        message: error instanceof Error ? error.message : String(error),
      });
    });
  });
  await once(server.listen(port, '127.0.0.1'), 'listening');
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    endpoint: `http://127.0.0.1:${bound}`,
    stop: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
