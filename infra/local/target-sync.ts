import { join } from 'node:path';
import getPort from 'get-port';
import { ENVIRONMENT, TARGET_FILES_FOLDER } from '../../functions/discovery/names.ts';
import { TARGET_SYNC_ENVIRONMENT } from '../../functions/discovery/target-sync-environment.ts';
import { loopbackEnvironment } from './loopback.ts';
import { LOG_ROOT, PROJECT_ROOT } from './paths.ts';
import { type Child, startChild } from './process/child.ts';
import { waitForHttp } from './process/wait-for-http.ts';

/** The real target-sync as a process of this machine. */
export interface TargetSync {
  readonly process: Child;
  /** Answers with a report: 503 until the targets were loaded once, then 200. */
  readonly healthUrl: string;
  readonly stop: () => Promise<void>;
  /** Ends it as a crash would. Starting another one with the same options goes on where it was. */
  readonly kill: () => void;
}

export interface TargetSyncOptions {
  /** Of the emulated AWS that has the queue and the shards. */
  readonly endpoint: string;
  readonly deployment: string;
  readonly clusters: readonly string[];
  /** Shards of each cluster. */
  readonly shards: number;
  readonly queueUrl: string;
  /** Folder that stands for its volume; made when it is not there. The file_sd files are in {@link targetFilesIn} it. */
  readonly volume: string;
  /** Seconds between safety refreshes. @default 300, as deployed */
  readonly refreshSeconds?: number;
  /** Loopback port of its health check and metrics. @default a free one */
  readonly port?: number;
  /** Which of the collectors it serves, counted from 0, and how many there are. @default 0/1 */
  readonly collector?: `${number}/${number}`;
  /** More environment, such as an endpoint for one AWS service. Every endpoint must be on this machine. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** What Node runs, its flags included. @default the source, without a build */
  readonly program?: readonly string[];
  /** @default `.local/log/target-sync.log` */
  readonly log?: string;
}

/** The folder that the collector watches in a volume of target-sync. */
export const targetFilesIn = (volume: string): string => join(volume, TARGET_FILES_FOLDER);

/**
 * Starts target-sync and waits until its health check is good, which is when it has read the shards once and written
 * their files.
 */
export const startTargetSync = async (options: TargetSyncOptions): Promise<TargetSync> => {
  const port = options.port ?? (await getPort());
  const { refreshSeconds, collector } = options;
  const child = await startChild({
    name: 'target-sync',
    command: process.execPath,
    arguments: options.program ?? [join(PROJECT_ROOT, 'containers/target-sync/main.ts')],
    environment: loopbackEnvironment(options.endpoint, {
      [ENVIRONMENT.deployment]: options.deployment,
      [ENVIRONMENT.clusters]: options.clusters.join(','),
      [ENVIRONMENT.shards]: String(options.shards),
      [TARGET_SYNC_ENVIRONMENT.queueUrl]: options.queueUrl,
      [TARGET_SYNC_ENVIRONMENT.directory]: options.volume,
      [TARGET_SYNC_ENVIRONMENT.healthPort]: String(port),
      ...(refreshSeconds === undefined ? {} : { [TARGET_SYNC_ENVIRONMENT.refreshSeconds]: String(refreshSeconds) }),
      ...(collector === undefined ? {} : { [TARGET_SYNC_ENVIRONMENT.collector]: collector }),
      ...options.environment,
    }),
    log: options.log ?? join(LOG_ROOT, 'target-sync.log'),
  });
  const healthUrl = `http://127.0.0.1:${port}/`;
  try {
    await waitForHttp(child, healthUrl, 60);
  } catch (error) {
    await child.stop();
    throw error;
  }
  return { process: child, healthUrl, stop: () => child.stop(), kill: () => child.kill() };
};
