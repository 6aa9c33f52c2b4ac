/** The whole system on this machine: started in order, stopped in the opposite one. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import getPort from 'get-port';
import { yellow } from '../cli/terminal/paint.ts';
import { type Actions, actions } from './actions.ts';
import { LOCAL_CLUSTER, problemOfTask, startCluster } from './cluster.ts';
import { collectorProgram } from './collector/program.ts';
import { deployDiscovery } from './deployment.ts';
import type { ControlPlane } from './ecs/control-plane.ts';
import { startScraping } from './local-scraping.ts';
import { type Ministack, startMinistack } from './ministack/ministack.ts';
import { nodeExporterProgram } from './node-exporter.ts';
import type { Observer } from './observation/observer.ts';
import { watch } from './observation/watch.ts';
import { LOG_ROOT, RUN_ROOT } from './paths.ts';
import { allOrNothing } from './process/all-or-nothing.ts';
import { remove } from './process/make-once.ts';
import { type Prometheus, startPrometheus } from './prometheus/local-prometheus.ts';
import { claimMachine, forgetRunningSystem, type RunningSystem, rememberRunningSystem } from './running-system.ts';
import { createJournal, type Journal } from './scenario/journal.ts';
import type { Expectations } from './scenario/progress.ts';
import { printLine } from './terminal/live-block.ts';
import { wrap } from './terminal/wrap.ts';
import { createWebappService, WEBAPP_NAMESPACE, WEBAPP_SERVICE } from './workloads/webapp-service.ts';

const SHARDS = 4;
/** Seconds between two scrapes. The deployed default is 15; here somebody is waiting for the first sample. */
const SCRAPE_INTERVAL = 3;

export interface LocalSystem {
  readonly running: RunningSystem;
  readonly plane: ControlPlane;
  readonly journal: Journal;
  readonly observer: Observer;
  readonly expectations: Omit<Expectations, 'mayBeBroken'>;
  readonly actions: Actions;
  readonly prometheus: Prometheus;
  /** Why there is no node exporter here; undefined where there is one. */
  readonly noNodeExporter: string | undefined;
  /** What must never happen: running tasks that were published and then were not, in words. */
  readonly vanished: readonly string[];
  /** Resolves, saying which and how, when a part ends that nothing works without. */
  readonly lost: Promise<string>;
  /** Ends everything that was started. */
  readonly stop: () => Promise<void>;
}

/** Shows that a part is being started, what it says meanwhile, and what came of it. */
export type PartReport = <T>(
  part: string,
  start: (say: (line: string) => void) => Promise<T>,
  outcome: (started: T) => string,
) => Promise<T>;

/** @param signal aborts the start between two parts */
export const startLocalSystem = (report: PartReport, signal: AbortSignal): Promise<LocalSystem> => {
  const part: PartReport = async (name, start, outcome) => {
    signal.throwIfAborted();
    return report(name, start, outcome);
  };
  return allOrNothing((stack) => startParts(part, stack, signal));
};

const startParts = async (part: PartReport, stack: AsyncDisposableStack, signal: AbortSignal): Promise<LocalSystem> => {
  await claimMachine();
  stack.defer(() => forgetRunningSystem());
  await remove(RUN_ROOT);
  await mkdir(RUN_ROOT, { recursive: true });
  stack.defer(() => remove(RUN_ROOT));

  const program = await part(
    'Collector',
    (say) => collectorProgram(say, { signal }),
    ({ name, version }) => `${name} ${version}`,
  );
  const noNodeExporter = await part(
    'Node exporter',
    (report) => whyNot(() => nodeExporterProgram({ report, signal }), signal),
    (why) => (why === undefined ? 'at hand' : `none: ${why}`),
  );
  const prometheus = await part(
    'Prometheus',
    (report) => startPrometheus({ report, signal }),
    ({ version, endpoint }) => `${version} at ${endpoint}`,
  );
  stack.defer(prometheus.stop);

  const ecsPort = await getPort();
  const aws: Ministack = await part(
    'Emulated AWS',
    (report) =>
      startMinistack({
        directory: join(RUN_ROOT, 'ministack'),
        log: join(LOG_ROOT, 'ministack.log'),
        ...{ report, signal },
        port: 4566,
        environment: { AWS_ENDPOINT_URL_ECS: `http://127.0.0.1:${ecsPort}` },
      }),
    ({ endpoint }) => `MiniStack at ${endpoint}`,
  );
  stack.defer(aws.stop);

  const journal = createJournal();
  const { plane, ...cluster } = await part(
    'Emulated ECS',
    () => startCluster({ aws: aws.endpoint, port: ecsPort, changed: journal.record, tell }),
    ({ endpoint }) => `cluster ${LOCAL_CLUSTER} at ${endpoint}`,
  );
  stack.defer(cluster.stop);

  const registryId = await createWebappService(aws, plane);
  const settings = { clusters: LOCAL_CLUSTER, namespaces: WEBAPP_NAMESPACE, shards: String(SHARDS) };
  const deployment = await part(
    'CDK app',
    () =>
      deployDiscovery(aws, {
        directory: join(RUN_ROOT, 'cdk'),
        settings: { ...settings, collectors: '1', healthyOnly: 'true' },
        signal,
      }),
    ({ deployment: name }) => `stack ${name} deployed`,
  );

  const { stop, ...scraping } = await part(
    'Scraping',
    () =>
      startScraping({
        ...{ program, deployment, aws: aws.endpoint, cluster: LOCAL_CLUSTER, shards: SHARDS, tell },
        remoteWriteEndpoint: prometheus.remoteWriteEndpoint,
        scrapeIntervalSeconds: SCRAPE_INTERVAL,
      }),
    () => `every ${SCRAPE_INTERVAL} s`,
  );
  stack.defer(stop);

  const running: RunningSystem = {
    ...{ aws: aws.endpoint, ecs: cluster.endpoint, prometheus: prometheus.endpoint, ...scraping },
    ...{
      deployment: deployment.deployment,
      cluster: LOCAL_CLUSTER,
      service: WEBAPP_SERVICE,
      shards: SHARDS,
      registryId,
    },
    resyncFunction: deployment.functions.resync,
  };
  await rememberRunningSystem(running);

  const { observer, vanished } = watch(running, plane);
  stack.defer(observer.stop);

  return {
    ...{ running, plane, journal, observer, prometheus, noNodeExporter, vanished },
    expectations: {
      isRegistered: (workload) => workload === WEBAPP_SERVICE,
      problem: (taskId) => {
        const task = plane.task(taskId);
        return task && problemOfTask(task);
      },
    },
    actions: actions(running),
    lost: Promise.race(
      [aws.process, prometheus.process].map(
        async ({ name, ended, log }) => `${name} ended (${await ended}). Its log: ${log}`,
      ),
    ),
    stop: () => stack.disposeAsync(),
  };
};

/** Why something that one can do without is not there; undefined when it is. */
const whyNot = async (get: () => Promise<unknown>, signal: AbortSignal): Promise<string | undefined> => {
  try {
    await get();
    return undefined;
  } catch (error) {
    signal.throwIfAborted();
    return error instanceof Error ? error.message : String(error);
  }
};

/** What happened unasked. */
const tell = (line: string): void => printLine(yellow(wrap(line, '      ')));
