/** Keeps the collector's target files equal to what is announced and configured: waits on a queue, reads SSM, writes files. */
import { join } from 'node:path';
import { createParameterReader } from '../../functions/aws/parameters.ts';
import { createShardReader } from '../../functions/aws/shard-reader.ts';
import { createMessageQueue } from '../../functions/aws/sqs.ts';
import { systemClock } from '../../functions/aws/system-clock.ts';
import { targetSyncClients } from '../../functions/aws/target-sync-clients.ts';
import { TARGET_FILES_FOLDER } from '../../functions/discovery/names.ts';
import { systemFiles } from './files/file-system.ts';
import { countStart } from './files/start-count.ts';
import { createStateFiles } from './files/state-files.ts';
import { createTargetFiles } from './files/target-files.ts';
import { healthAnswer } from './http/health-answer.ts';
import { httpSd } from './http/http-sd.ts';
import { type Routes, serve } from './http/server.ts';
import { statusPage } from './http/status-page.ts';
import { withAdvice } from './operator/advice.ts';
import { createHealth } from './operator/health.ts';
import { createIncidents } from './operator/incidents.ts';
import { rememberChanges } from './operator/last-changes.ts';
import { jsonLog } from './operator/log.ts';
import { releaseMemory } from './operator/memory.ts';
import { createMetrics } from './operator/metrics.ts';
import { InvalidSettingError, type TargetSyncSettings, targetSyncSettings } from './operator/settings.ts';
import type { ClusterTargets } from './sync/cluster-targets.ts';
import { ownShards, ownsShard } from './sync/collector-share.ts';
import type { SyncObserver } from './sync/observer.ts';
import { newClusters, startSync } from './sync/start-sync.ts';

/** Periods between two readings without any contact after which the health check is bad. */
const PATIENCE_PERIODS = 3;
/** Milliseconds for what is in hand to end after SIGTERM; a write takes far less, a read that hangs is left. */
const STOP_WITHIN = 3000;
/** Name of the folder for what this process remembers, and for files while they are being written. */
const STATE_FOLDER = 'state';

const log = jsonLog((line) => process.stdout.write(line));

/** The queue and the shards in AWS. */
function connect({ region, queueUrl, deployment }: TargetSyncSettings) {
  const { sqs, ssm } = targetSyncClients(region);
  return {
    queue: createMessageQueue(async () => sqs, { queueUrl }),
    source: createShardReader(createParameterReader(ssm), deployment, systemClock),
  };
}

/** All that is for people and for Prometheus: what is served, and what it is made from. */
async function overview(
  settings: TargetSyncSettings,
  shards: readonly number[],
  known: ReadonlyMap<string, ClusterTargets>,
  state: string,
) {
  const { now } = systemClock;
  const incidents = createIncidents(log, now);
  const health = createHealth(now, PATIENCE_PERIODS * settings.refreshSeconds * 1000);
  const restarts = await countStart(systemFiles, state);
  const metrics = createMetrics({ incidents, clusters: settings.clusters, shards, restarts, now });
  const changes = rememberChanges(now);
  const status = () => ({
    deployment: settings.deployment,
    clusters: known,
    shards,
    configurationAge: metrics.configurationAge,
    health: health.report(),
    problems: incidents.open(),
    changes: changes.all(),
    now: now(),
  });
  const routes: Routes = {
    '/': { isLocal: true, answer: () => healthAnswer(health.report(), incidents) },
    '/metrics': {
      answer: async () => ({
        status: 200,
        headers: { 'content-type': metrics.contentType },
        body: [await metrics.text()],
      }),
    },
    '/status': { answer: () => statusPage(status()) },
    '/targets': { answer: (request) => httpSd({ clusters: known, shards }, request) },
  };
  const observer: SyncObserver = {
    ...metrics,
    heard(cluster, change) {
      metrics.heard?.(cluster, change);
      changes.heard?.(cluster, change);
    },
  };
  return { incidents, health, observer, routes };
}

async function main(): Promise<void> {
  const settings = targetSyncSettings(process.env);
  const { clusters, collector, deployment, shards: shardCount } = settings;
  const shards = ownShards(collector, shardCount);
  const directory = join(settings.directory, TARGET_FILES_FOLDER);
  const state = join(settings.directory, STATE_FOLDER);
  for (const folder of [directory, state]) await systemFiles.mkdir(folder, { recursive: true, mode: 0o755 });

  const owns = (shard: number): boolean => ownsShard(collector, shard);
  const known = newClusters(settings, owns);
  const { incidents, health, observer, routes } = await overview(settings, shards, known, state);
  const server = await serve({ listen: settings.listen, port: settings.healthPort }, routes, releaseMemory);
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort()).once('SIGINT', () => stop.abort());
  stop.signal.addEventListener('abort', () => setTimeout(() => process.exit(0), STOP_WITHIN).unref());
  log('info', 'target-sync started', {
    deployment,
    clusters,
    directory,
    shards,
    listen: settings.listen,
    healthPort: server.port,
    refreshSeconds: settings.refreshSeconds,
    collector: `${collector.index}/${collector.count}`,
  });
  await startSync(
    {
      ...connect(settings),
      targetFiles: createTargetFiles(systemFiles, { directory, temporaries: state }),
      stateFiles: createStateFiles(systemFiles, state),
      incidents,
      health,
      log,
      clock: systemClock,
      observer,
      clusters: known,
      afterWork: releaseMemory,
      settings: { deployment, clusters, shards: shardCount, refreshSeconds: settings.refreshSeconds },
      owns,
    },
    stop.signal,
  );
  server.close();
  log('info', 'target-sync stopped');
  process.exit(0);
}

main().catch((error: unknown) => {
  log('error', error instanceof InvalidSettingError ? error.message : withAdvice(error));
  process.exitCode = 1;
});
