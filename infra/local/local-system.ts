/** The whole system on this machine: started in order, stopped in the opposite one. */
import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DEFAULT_DEPLOYMENT } from '../../functions/discovery/names.ts';
import { yellow } from '../cli/terminal/paint.ts';
import { type Actions, actions } from './actions.ts';
import { createNamespace, createRegistry } from './cloud-map.ts';
import { startCollector } from './collector/local-collector.ts';
import { collectorProgram } from './collector/program.ts';
import { deployDiscovery } from './deployment.ts';
import { loopbackAddresses } from './ecs/addresses.ts';
import { ecsApi } from './ecs/api.ts';
import { ControlPlane } from './ecs/control-plane.ts';
import { EcsError } from './ecs/errors.ts';
import { eventPublisher } from './ecs/event-publisher.ts';
import { serveEcs } from './ecs/server.ts';
import { launchWebapp, WEBAPP_PORT, WEBAPP_TASK_DEFINITION } from './ecs/webapp-workload.ts';
import { type Ministack, startMinistack } from './ministack/ministack.ts';
import { type Observer, observe } from './observation/observer.ts';
import { presences } from './observation/presence.ts';
import { LOG_ROOT, RUN_ROOT } from './paths.ts';
import { freePort } from './process/free-port.ts';
import { keepRunning } from './process/keep-running.ts';
import { type Prometheus, startPrometheus } from './prometheus/local-prometheus.ts';
import { claimMachine, forgetRunningSystem, type RunningSystem, rememberRunningSystem } from './running-system.ts';
import { createJournal, type Journal } from './scenario/journal.ts';
import { startTargetSync, targetFilesIn } from './target-sync.ts';
import { printLine } from './terminal/live-block.ts';
import { wrap } from './terminal/wrap.ts';

export const LOCAL_CLUSTER = 'local';
const SERVICE = 'webapp';
const NAMESPACE = 'ecs-services';
const SHARDS = 4;
/** Between two states of a task. Fargate takes tens of seconds; what follows an event is what is tried here. */
const STEP_MILLISECONDS = 60;
/** Seconds between two scrapes. The deployed default is 15; here somebody is waiting for the first sample. */
const SCRAPE_INTERVAL = 5;

export interface LocalSystem {
  readonly running: RunningSystem;
  readonly plane: ControlPlane;
  readonly journal: Journal;
  readonly observer: Observer;
  readonly actions: Actions;
  readonly prometheus: Prometheus;
  /** What must never happen: running tasks that were published and then were not, in words. */
  readonly vanished: readonly string[];
  /** Resolves, saying which and how, when a part ends that nothing works without. */
  readonly lost: Promise<string>;
  /** Ends everything that was started. */
  readonly stop: () => Promise<void>;
}

/** Shows that a part is being started, what it says meanwhile, and what came of it. */
export type Report = <T>(
  part: string,
  start: (say: (line: string) => void) => Promise<T>,
  outcome: (started: T) => string,
) => Promise<T>;

/** @param signal aborts the start between two parts */
export const startLocalSystem = async (report: Report, signal: AbortSignal): Promise<LocalSystem> => {
  const stack = new AsyncDisposableStack();
  const part: Report = async (name, start, outcome) => {
    signal.throwIfAborted();
    return report(name, start, outcome);
  };
  try {
    return await startParts(part, stack, signal);
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
};

const startParts = async (part: Report, stack: AsyncDisposableStack, signal: AbortSignal): Promise<LocalSystem> => {
  await claimMachine();
  stack.defer(() => forgetRunningSystem());
  await rm(RUN_ROOT, { recursive: true, force: true });
  await mkdir(RUN_ROOT, { recursive: true });
  stack.defer(() => rm(RUN_ROOT, { recursive: true, force: true }));

  const program = await part(
    'Collector',
    (say) => collectorProgram(say, { signal }),
    ({ name, version }) => `${name} ${version}`,
  );

  const prometheus = await part(
    'Prometheus',
    (report) => startPrometheus({ report, signal }),
    ({ version, endpoint }) => `${version} at ${endpoint}`,
  );
  stack.defer(prometheus.stop);

  const ecsPort = await freePort();
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
  const publisher = eventPublisher(aws.endpoint, (error) => tell(`An event could not be sent: ${error}`));
  const plane = new ControlPlane({
    cluster: LOCAL_CLUSTER,
    launch: launchWebapp,
    changed: (task) => {
      journal.record(task);
      publisher.publish(task);
    },
    now: Date.now,
    pause: (milliseconds) => sleep(milliseconds),
    step: () => STEP_MILLISECONDS,
    nextAddress: loopbackAddresses(),
    nextId: () => randomUUID().replaceAll('-', ''),
  });
  stack.defer(() => plane.close());
  const ecs = await serveEcs(ecsApi(plane), ecsPort, {
    lose: (body) => publisher.lose(body === 'on'),
    kill: (body) => kill(plane, body),
  });
  stack.defer(ecs.stop);

  const registryId = await createRegistry(aws, {
    namespaceId: await createNamespace(aws, NAMESPACE),
    name: SERVICE,
    owner: DEFAULT_DEPLOYMENT,
    tags: { METRICS_PORT: String(WEBAPP_PORT), METRICS_PATH: '/metrics' },
  });
  const deployment = await part(
    'CDK app',
    () =>
      deployDiscovery(aws, {
        directory: join(RUN_ROOT, 'cdk'),
        settings: { clusters: LOCAL_CLUSTER, namespaces: NAMESPACE, shards: String(SHARDS), collectors: '1' },
        signal,
      }),
    ({ deployment: stack }) => `stack ${stack} deployed`,
  );

  const volume = join(RUN_ROOT, 'targets');
  const targetsDirectory = targetFilesIn(volume);
  const syncOptions = {
    endpoint: aws.endpoint,
    deployment: deployment.deployment,
    clusters: [LOCAL_CLUSTER],
    shards: SHARDS,
    queueUrl: deployment.queues.collectors[0] ?? '',
    volume,
    port: await freePort(),
  };
  let targetSync = await part(
    'target-sync',
    () => startTargetSync(syncOptions),
    () => 'waits on its queue',
  );
  stack.defer(() => targetSync.stop());
  const restartTargetSync = async (): Promise<void> => {
    targetSync = await startTargetSync(syncOptions);
  };

  const collector = await part(
    'Scraping',
    () =>
      startCollector({
        program,
        targetsDirectory,
        targetSyncPort: syncOptions.port,
        remoteWriteEndpoint: prometheus.remoteWriteEndpoint,
        scrapeIntervalSeconds: SCRAPE_INTERVAL,
      }),
    () => `every ${SCRAPE_INTERVAL} s`,
  );
  stack.defer(collector.stop);
  stack.defer(keepRunning('target-sync', { process: () => targetSync.process, start: restartTargetSync }, tell));
  stack.defer(keepRunning('The collector', { process: collector.process, start: collector.restart }, tell));

  const { containerDefinitions, family, ...size } = WEBAPP_TASK_DEFINITION;
  const taskDefinition = plane.registerTaskDefinition(family, containerDefinitions, size);
  plane.createService({ name: SERVICE, taskDefinition, desiredCount: 0, serviceRegistries: [] });

  const running: RunningSystem = {
    aws: aws.endpoint,
    ecs: ecs.endpoint,
    deployment: deployment.deployment,
    cluster: LOCAL_CLUSTER,
    service: SERVICE,
    shards: SHARDS,
    registryId,
    resyncFunction: deployment.functions.resync,
    targetsDirectory,
    scraper: collector.apiEndpoint,
    prometheus: prometheus.endpoint,
  };
  await rememberRunningSystem(running);

  const vanished: string[] = [];
  const observer = observe(presences(running), (stage, taskId, blind) => {
    // What a scraper could not reach for a moment did not vanish from its targets, and one that was killed and started
    // again begins with none.
    if (stage === 'sample' || (stage === 'target' && blind)) return;
    if (plane.task(taskId)?.desiredStatus !== 'RUNNING') return;
    vanished.push(`task ${taskId.slice(0, 8)} from ${stage}`);
  });
  stack.defer(observer.stop);

  return {
    ...{ running, plane, journal, observer, prometheus, vanished },
    actions: actions(running),
    lost: Promise.race(
      [aws.process, prometheus.process].map(
        async ({ name, ended, log }) => `${name} ended (${await ended}). Its log: ${log}`,
      ),
    ),
    stop: () => stack.disposeAsync(),
  };
};

/** What happened unasked. */
const tell = (line: string): void => printLine(yellow(wrap(line, '      ')));

/** Ends the processes of a task as a crash would. */
const kill = (plane: ControlPlane, taskId: string): void => {
  const pid = plane.task(taskId)?.workload?.pid;
  if (pid === undefined) throw new EcsError('InvalidParameterException', `Task ${taskId} does not run.`);
  process.kill(pid, 'SIGKILL');
};
