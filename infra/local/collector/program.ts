/** The two programs that can be the collector here, behind one shape. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  collectorPipeline,
  type RemoteWriteTiming,
  scrapeConfiguration,
} from '../../constructs/collector/collector-pipeline.ts';
import { forPrometheus } from '../../constructs/collector/scrape-jobs/notation.ts';
import type { ScrapeSettings } from '../../constructs/collector/scrape-jobs/scrape-configs.ts';
import { LOCAL_REGION, loopbackEndpoint, loopbackEnvironment } from '../loopback.ts';
import { findProgram, MissingProgramError } from '../process/find-program.ts';
import { run } from '../process/run.ts';
import { type PrometheusProgram, prometheusProgram } from '../prometheus/program.ts';
import { buildCollector } from './build.ts';

/** What one collector is told. */
export interface CollectorTask extends ScrapeSettings {
  readonly collectorName: string;
  readonly selfMetricsPort: number;
  readonly healthCheckPort: number;
  /** Port for asking what it scrapes. */
  readonly apiPort: number;
  /** Remote-write URL on this machine. */
  readonly remoteWriteEndpoint: string;
  /** @default REMOTE_WRITE; without meaning for the stand-in */
  readonly remoteWrite?: RemoteWriteTiming;
  /** Values of the secrets of its scrape jobs, by the names of their variables. @default none */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Folder that it may write to. */
  readonly directory: string;
}

/** How to start it. */
export interface Launch {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Answers 2xx once it works. */
  readonly readyUrl: string;
  /** Serves Prometheus' API, as far as it is about targets. */
  readonly apiEndpoint: string;
}

export interface CollectorProgram {
  /** `OpenTelemetry Collector` or `Prometheus agent`. */
  readonly name: string;
  readonly version: string;
  /** Writes what it needs into the task's folder. */
  readonly prepare: (task: CollectorTask) => Promise<Launch>;
}

/** The real thing: the deployed pipeline's text, through the environment as the deployed collector gets it. */
export interface OpenTelemetryCollector extends CollectorProgram {
  /** Checks a pipeline configuration without running it. @throws ProgramFailedError with what is wrong. */
  readonly validate: (pipeline: string) => Promise<void>;
}

/** The variable that ADOT reads its configuration from. */
export const CONFIGURATION = 'AOT_CONFIG_CONTENT';
const NAME = 'COLLECTOR_NAME';

/** Turns the receiver's API server on (its README, "Prometheus API Server"). */
const targetsApi = (port: number): string =>
  `receivers::prometheus::api_server: { enabled: true, server_config: { endpoint: "127.0.0.1:${port}" } }`;

/** The OpenTelemetry Collector of `containers/collector/otelcol`. @throws MissingProgramError without Go. */
export const openTelemetryCollector = async (
  report?: (line: string) => void,
  signal?: AbortSignal,
): Promise<OpenTelemetryCollector> => {
  const binary = await buildCollector(report, signal);
  const environment = loopbackEnvironment();
  const version = (await run(binary, ['--version'], { environment })).trim().replace(/^otelcol version /, '');
  const withPipeline = (pipeline: string) => loopbackEnvironment(undefined, { [CONFIGURATION]: pipeline });
  return {
    name: 'OpenTelemetry Collector',
    version,
    validate: async (pipeline) => {
      await run(binary, ['validate', `--config=env:${CONFIGURATION}`], { environment: withPipeline(pipeline) });
    },
    prepare: async (task) => {
      const pipeline = collectorPipeline({
        ...task,
        region: LOCAL_REGION,
        remoteWriteEndpoint: loopbackEndpoint(task.remoteWriteEndpoint),
        collectorName: `\${env:${NAME}:-collector}`,
      });
      return {
        command: binary,
        // The second part only adds a view from outside: the deployed pipeline stays as it is.
        arguments: [`--config=env:${CONFIGURATION}`, `--config=yaml:${targetsApi(task.apiPort)}`],
        environment: { ...withPipeline(pipeline), [NAME]: task.collectorName, ...task.secrets },
        readyUrl: `http://127.0.0.1:${task.healthCheckPort}/`,
        apiEndpoint: `http://127.0.0.1:${task.apiPort}`,
      };
    },
  };
};

/** The stand-in where there is no Go: the same scrape configuration, run by Prometheus as an agent. */
export const prometheusAgent = ({ path, version }: PrometheusProgram): CollectorProgram => ({
  name: 'Prometheus agent',
  version,
  prepare: async (task) => {
    const configuration = join(task.directory, 'agent.yml');
    const remoteWrite = `remote_write:\n  - url: ${JSON.stringify(loopbackEndpoint(task.remoteWriteEndpoint))}\n`;
    await writeFile(configuration, `${scrapeConfiguration(task, forPrometheus(task.secrets))}${remoteWrite}`);
    return {
      command: path,
      arguments: [
        version.startsWith('2.') ? '--enable-feature=agent' : '--agent',
        `--config.file=${configuration}`,
        `--storage.agent.path=${join(task.directory, 'agent')}`,
        `--web.listen-address=127.0.0.1:${task.selfMetricsPort}`,
        '--log.level=warn',
      ],
      environment: loopbackEnvironment(),
      readyUrl: `http://127.0.0.1:${task.selfMetricsPort}/-/ready`,
      apiEndpoint: `http://127.0.0.1:${task.selfMetricsPort}`,
    };
  },
});

const GET_GO = 'Install Go 1.26 or newer (https://go.dev/dl/) for the real one';

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').slice(0, 300);

export interface CollectorChoice {
  /** Ends a build that is on its way. */
  readonly signal?: AbortSignal;
  readonly real?: () => Promise<CollectorProgram>;
  readonly standIn?: () => Promise<CollectorProgram>;
}

/**
 * The collector that this machine can run: the real one, or Prometheus as an agent where Go is missing or the build
 * fails, and then `report` is told why in one line.
 *
 * @throws MissingProgramError saying what to install when there is neither.
 */
export const collectorProgram = async (
  report: (line: string) => void,
  {
    signal,
    real = () => openTelemetryCollector(report, signal),
    standIn = async () => prometheusAgent(await prometheusProgram({ report, signal })),
  }: CollectorChoice = {},
): Promise<CollectorProgram> => {
  let why: string;
  try {
    return await real();
  } catch (error) {
    signal?.throwIfAborted();
    why = (await findProgram('go')) === undefined ? 'there is no Go on the PATH' : reasonOf(error);
  }
  try {
    const agent = await standIn();
    report(`In the place of the OpenTelemetry Collector: ${agent.name} ${agent.version}, because ${why}. ${GET_GO}.`);
    return agent;
  } catch (cause) {
    throw new MissingProgramError(
      `No collector can run here: ${why}. ${GET_GO}. Nor its stand-in: ${reasonOf(cause)}`,
      {
        cause,
      },
    );
  }
};
