import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import { loopbackEnvironment } from '../loopback.ts';
import { LOG_ROOT, RUN_ROOT } from '../paths.ts';
import { type Child, startChild } from '../process/child.ts';
import { waitForHttp } from '../process/wait-for-http.ts';
import type { Waiting } from '../process/waiting.ts';
import { prometheusProgram } from './program.ts';
import { instantQuery, type Sample } from './query.ts';

/** A Prometheus in the place of AMP: it scrapes nothing, it receives what a collector writes. */
export interface Prometheus {
  /** `http://127.0.0.1:<port>`: the page for people, the API, what a Grafana data source takes. */
  readonly endpoint: string;
  /** Where a collector writes to. */
  readonly remoteWriteEndpoint: string;
  readonly version: string;
  readonly process: Child;
  /** Value of an expression now. @throws QueryError for one that Prometheus refuses. */
  readonly query: (expression: string) => Promise<Sample[]>;
  /** Ends it and removes what it stored (not the log). */
  readonly stop: () => Promise<void>;
}

export interface PrometheusOptions extends Waiting {
  /** Folder for its storage, made and removed with it. @default `.local/run/prometheus` */
  readonly directory?: string;
  /** @default `.local/log/prometheus.log` */
  readonly log?: string;
  /** TCP port; another one is taken when it is in use. @default 9090 */
  readonly port?: number;
}

/**
 * Starts an empty Prometheus on a loopback port and waits until it is ready. The first call on a machine without
 * Prometheus unpacks Debian's (some 20 MB to download).
 *
 * @throws MissingProgramError where there is no Prometheus and none can be fetched.
 */
export const startPrometheus = async (options: PrometheusOptions = {}): Promise<Prometheus> => {
  const directory = options.directory ?? join(RUN_ROOT, 'prometheus');
  const { path, version, assets } = await prometheusProgram(options);
  const port = await getPort({ port: options.port ?? 9090 });
  const endpoint = `http://127.0.0.1:${port}`;
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory, { recursive: true });
  const configuration = join(directory, 'prometheus.yml');
  await writeFile(configuration, '# It scrapes nothing: the collector writes to it.\nglobal: {}\n');
  const child = await startChild({
    name: 'Prometheus',
    command: path,
    arguments: [
      `--config.file=${configuration}`,
      `--storage.tsdb.path=${join(directory, 'storage')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--web.enable-remote-write-receiver',
      '--log.level=warn',
      ...(assets === undefined ? [] : [`--web.local-assets=${assets}`]),
    ],
    environment: loopbackEnvironment(),
    log: options.log ?? join(LOG_ROOT, 'prometheus.log'),
    directory,
  });
  const stop = async (): Promise<void> => {
    await child.stop();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    await waitForHttp(child, `${endpoint}/-/ready`, 60);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    endpoint,
    remoteWriteEndpoint: `${endpoint}/api/v1/write`,
    version,
    process: child,
    query: (expression) => instantQuery(endpoint, expression),
    stop,
  };
};
