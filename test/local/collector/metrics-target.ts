/** A scrape target over HTTP or HTTPS that remembers who asked for what. */
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PROJECT_ROOT } from '../../../infra/local/paths.ts';

export const TLS_FOLDER = join(PROJECT_ROOT, 'test/fixtures/tls');
const pem = (name: string) => readFileSync(join(TLS_FOLDER, name), 'utf8');

export interface MetricsTarget {
  /** `127.0.0.1:<port>` */
  readonly address: string;
  /** The header `authorization` of the last request to each path. */
  readonly authorizations: ReadonlyMap<string, string | undefined>;
  readonly close: () => Promise<void>;
}

export interface MetricsTargetOptions {
  readonly tls: boolean;
  /** What it answers. */
  readonly page: (path: string) => string;
}

export async function startMetricsTarget({ tls, page }: MetricsTargetOptions): Promise<MetricsTarget> {
  const authorizations = new Map<string, string | undefined>();
  const listener: RequestListener = ({ url = '', headers }, response) => {
    authorizations.set(url, headers.authorization);
    response.setHeader('content-type', 'text/plain; version=0.0.4').end(page(url));
  };
  const certificates = { cert: pem('server.pem'), key: pem('server.key') };
  const server = tls ? createHttps(certificates, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    authorizations,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
