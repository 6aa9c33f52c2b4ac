/** What stands beside each other in a task of the collector: target-sync and the collector, kept running. */
import { join } from 'node:path';
import getPort from 'get-port';
import { startCollector } from './collector/local-collector.ts';
import type { CollectorProgram } from './collector/program.ts';
import type { Deployment } from './deployment.ts';
import { RUN_ROOT } from './paths.ts';
import { allOrNothing } from './process/all-or-nothing.ts';
import { keepRunning } from './process/keep-running.ts';
import { startTargetSync, targetFilesIn } from './target-sync.ts';

export interface LocalScraping {
  /** Folder of the file_sd files. */
  readonly targetsDirectory: string;
  /** `http://127.0.0.1:<port>` of target-sync: health, `/status`, `/targets`, `/metrics`. */
  readonly targetSync: string;
  /** Endpoint of the scraper's Prometheus API. */
  readonly scraper: string;
  readonly stop: () => Promise<void>;
}

export interface LocalScrapingOptions {
  readonly program: CollectorProgram;
  readonly deployment: Deployment;
  /** Endpoint of the emulated AWS. */
  readonly aws: string;
  readonly cluster: string;
  readonly shards: number;
  readonly remoteWriteEndpoint: string;
  readonly scrapeIntervalSeconds: number;
  /** Hears what happened unasked. */
  readonly tell: (line: string) => void;
}

export const startScraping = (options: LocalScrapingOptions): Promise<LocalScraping> =>
  allOrNothing((stack) => startBoth(options, stack));

const startBoth = async (options: LocalScrapingOptions, stack: AsyncDisposableStack): Promise<LocalScraping> => {
  const { program, deployment, remoteWriteEndpoint, scrapeIntervalSeconds, tell } = options;
  const volume = join(RUN_ROOT, 'targets');
  const port = await getPort();
  const targetSyncOptions = {
    ...{
      endpoint: options.aws,
      deployment: deployment.deployment,
      clusters: [options.cluster],
      shards: options.shards,
    },
    ...{ queueUrl: deployment.queues.collectors[0] ?? '', volume, port },
  };
  let targetSync = await startTargetSync(targetSyncOptions);
  stack.defer(() => targetSync.stop());
  const restart = async (): Promise<void> => {
    targetSync = await startTargetSync(targetSyncOptions);
  };
  const targetsDirectory = targetFilesIn(volume);
  const collector = await startCollector({
    ...{ program, targetsDirectory, targetSyncPort: port, remoteWriteEndpoint, scrapeIntervalSeconds },
  });
  stack.defer(collector.stop);
  stack.defer(keepRunning('target-sync', { process: () => targetSync.process, start: restart }, tell));
  stack.defer(keepRunning('The collector', { process: collector.process, start: collector.restart }, tell));
  return {
    ...{ targetsDirectory, targetSync: `http://127.0.0.1:${port}`, scraper: collector.apiEndpoint },
    stop: () => stack.disposeAsync(),
  };
};
