/** A fleet, a real collector with the deployed pipeline, and a receiver: one of each case, so that cases run side by side. */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RemoteWriteTiming } from '../../../../infra/constructs/collector/collector-pipeline.ts';
import { type LocalCollector, startCollector } from '../../../../infra/local/collector/local-collector.ts';
import { CONFIGURATION, type CollectorProgram } from '../../../../infra/local/collector/program.ts';
import { PROJECT_ROOT } from '../../../../infra/local/paths.ts';
import { type Fleet, type FleetSize, startFleet } from './fleet.ts';
import { type Receiver, startReceiver } from './receiver.ts';

export interface RigOptions {
  /** Names its folder and its log. */
  readonly name: string;
  readonly program: CollectorProgram;
  readonly fleet: FleetSize;
  readonly scrapeIntervalSeconds: number;
  readonly timing: RemoteWriteTiming;
  /** Gates of the collector that are opened. @default none, as deployed */
  readonly featureGates?: readonly string[];
  /** Variables of its container on top. @default none */
  readonly environment?: Readonly<Record<string, string>>;
  /** Changes the text of the pipeline. @default as deployed */
  readonly changed?: (pipeline: string) => string;
}

export interface Rig {
  readonly fleet: Fleet;
  readonly receiver: Receiver;
  readonly collector: LocalCollector;
  /** Lines of its log that say that data was lost, by what the alarm on them looks for. */
  readonly lossLines: (phrases: readonly string[]) => Promise<number>;
  /** Of its own metrics, by their names without labels; of several series of a name, the sum. */
  readonly selfMetrics: () => Promise<ReadonlyMap<string, number>>;
  readonly close: () => Promise<void>;
}

/** The same program, started with what the options say on top. */
const altered = (
  program: CollectorProgram,
  { featureGates = [], environment = {}, changed = (pipeline) => pipeline }: Partial<RigOptions>,
): CollectorProgram => ({
  ...program,
  prepare: async (task) => {
    const launch = await program.prepare(task);
    const pipeline = changed(launch.environment[CONFIGURATION] ?? '');
    return {
      ...launch,
      arguments: [...launch.arguments, ...featureGates.map((gate) => `--feature-gates=${gate}`)],
      environment: { ...launch.environment, ...environment, [CONFIGURATION]: pipeline },
    };
  },
});

const ROOT = join(PROJECT_ROOT, '.local/bench');

let turn: Promise<unknown> = Promise.resolve();

/** One after another: a port that was free a moment ago may be taken by a collector that starts at the same time. */
export function startRig(options: RigOptions): Promise<Rig> {
  const started = turn.then(() => start(options));
  turn = started.catch(() => {});
  return started;
}

async function start({ name, program, timing, ...options }: RigOptions): Promise<Rig> {
  const directory = join(ROOT, name);
  const log = `${directory}.log`;
  await rm(directory, { recursive: true, force: true });
  await rm(log, { force: true });
  await mkdir(join(directory, 'targets'), { recursive: true });
  const fleet = await startFleet(options.fleet);
  const receiver = await startReceiver({ took: fleet.arrived, aboveQuota: fleet.isOfTheLast });
  await fleet.publish(join(directory, 'targets'));
  const collector = await startCollector({
    program: altered(program, options),
    targetsDirectory: join(directory, 'targets'),
    remoteWriteEndpoint: receiver.endpoint,
    scrapeIntervalSeconds: options.scrapeIntervalSeconds,
    remoteWrite: timing,
    directory: join(directory, 'collector'),
    log,
  });
  return {
    fleet,
    receiver,
    collector,
    lossLines: async (phrases) => {
      const lines = (await readFile(log, 'utf8')).split('\n');
      return lines.filter((line) => phrases.some((phrase) => line.includes(phrase))).length;
    },
    selfMetrics: async () => {
      const text = await (await fetch(collector.selfMetricsUrl)).text();
      const sums = new Map<string, number>();
      for (const line of text.split('\n')) {
        const [, metric, value] = /^([a-z_]+)(?:\{.*\})? (\S+)$/.exec(line) ?? [];
        if (metric !== undefined) sums.set(metric, (sums.get(metric) ?? 0) + Number(value));
      }
      return sums;
    },
    close: async () => {
      collector.kill();
      await collector.stop();
      await receiver.close();
      await fleet.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
