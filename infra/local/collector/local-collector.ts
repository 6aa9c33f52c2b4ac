import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import type { RemoteWriteTiming } from '../../constructs/collector/collector-pipeline.ts';
import type { CheckedJob } from '../../constructs/collector/scrape-jobs/scrape-job.ts';
import { LOG_ROOT, RUN_ROOT } from '../paths.ts';
import { type Child, startChild } from '../process/child.ts';
import { endOfLog } from '../process/end-of-log.ts';
import { waitForHttp } from '../process/wait-for-http.ts';
import { type CollectorProgram, collectorProgram } from './program.ts';

/** A collector that runs the deployed pipeline: target files → scrape → remote write. */
export interface LocalCollector {
  /** Which one runs, for people: `OpenTelemetry Collector 0.158.0`. */
  readonly description: string;
  /** The process that runs now, or ran last. */
  readonly process: () => Child;
  /** Its own metrics, which it scrapes itself, too. */
  readonly selfMetricsUrl: string;
  /** Its Prometheus API, as far as it is about targets: `/api/v1/targets`. */
  readonly apiEndpoint: string;
  /** Ends it in the ordinary way. */
  readonly stop: () => Promise<void>;
  /** Ends it as a crash would. */
  readonly kill: () => void;
  /** Starts it again, with the same configuration and ports, after a stop or a kill; stops it before if it runs. */
  readonly restart: () => Promise<void>;
}

export interface CollectorOptions {
  /** Folder of the file_sd files; all that end in `.json` count. It must exist. */
  readonly targetsDirectory: string;
  /** Loopback port of the target-sync beside it. @default - its metrics are not scraped */
  readonly targetSyncPort?: number;
  /** Remote-write URL on this machine. */
  readonly remoteWriteEndpoint: string;
  /** Seconds between two scrapes of a target. @default 15, as deployed */
  readonly scrapeIntervalSeconds?: number;
  /** Scrape jobs of the user. @default none */
  readonly scrapeJobs?: readonly CheckedJob[];
  /** Values of their secrets, by the names of their variables. @default none */
  readonly secrets?: Readonly<Record<string, string>>;
  /** How it meets a receiver that does not take its data. @default REMOTE_WRITE, as deployed */
  readonly remoteWrite?: RemoteWriteTiming;
  /** The `instance` label of its own metrics. @default collector */
  readonly name?: string;
  /** Folder for what it writes, made and removed with it. @default `.local/run/collector` */
  readonly directory?: string;
  /** @default `.local/log/collector.log` */
  readonly log?: string;
  /** Which one runs. @default the OpenTelemetry Collector, or Prometheus as an agent where it cannot be built */
  readonly program?: CollectorProgram;
  /** Told, in one line each, that it is being built and that another one takes its place. @default console.log */
  readonly report?: (line: string) => void;
}

/**
 * Starts a collector and waits until it works. The first call on a machine builds it (five to ten minutes on two cores).
 *
 * @throws MissingProgramError saying what to install when no collector can run here.
 * @throws Error with the end of its log when it refuses its configuration.
 */
export const startCollector = async (options: CollectorOptions): Promise<LocalCollector> => {
  const program = options.program ?? (await collectorProgram(options.report ?? console.log));
  const directory = options.directory ?? join(RUN_ROOT, 'collector');
  const log = options.log ?? join(LOG_ROOT, 'collector.log');
  const { name = 'collector', remoteWriteEndpoint } = options;
  const { scrapeIntervalSeconds, scrapeJobs, secrets, remoteWrite } = options;
  const task = {
    targetFiles: join(options.targetsDirectory, '*.json'),
    targetSyncPort: options.targetSyncPort,
    ...(scrapeIntervalSeconds === undefined ? {} : { scrapeIntervalSeconds }),
    ...(scrapeJobs === undefined ? {} : { scrapeJobs }),
    ...(secrets === undefined ? {} : { secrets }),
    ...(remoteWrite === undefined ? {} : { remoteWrite }),
    ...{ collectorName: name, remoteWriteEndpoint, directory },
    selfMetricsPort: await getPort(),
    healthCheckPort: await getPort(),
    apiPort: await getPort(),
  };
  const clean = () => rm(directory, { recursive: true, force: true });
  const start = async () => {
    await mkdir(directory, { recursive: true });
    const launch = await program.prepare(task);
    const child = await startChild({ ...launch, name: program.name, log, directory });
    try {
      await waitForHttp(child, launch.readyUrl, 60);
    } catch (cause) {
      await child.stop();
      throw new Error(`${cause instanceof Error ? cause.message : cause}\n${await endOfLog(log, 6)}`, { cause });
    }
    return { child, apiEndpoint: launch.apiEndpoint };
  };
  await clean();
  let running: { readonly child: Child; readonly apiEndpoint: string };
  try {
    running = await start();
  } catch (error) {
    await clean();
    throw error;
  }
  return {
    description: `${program.name} ${program.version}`,
    process: () => running.child,
    selfMetricsUrl: `http://127.0.0.1:${task.selfMetricsPort}/metrics`,
    apiEndpoint: running.apiEndpoint,
    stop: async () => {
      await running.child.stop();
      await clean();
    },
    kill: () => running.child.kill(),
    restart: async () => {
      await running.child.stop();
      running = await start();
    },
  };
};
