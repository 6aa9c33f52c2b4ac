/** Keeps the collector's target files equal to the shards in SSM: waits on a queue, reads what changed, writes files. */
import { createChangeQueue } from '../../functions/aws/change-queue.ts';
import { overriddenEndpoint, serviceEndpoint } from '../../functions/aws/endpoint.ts';
import { createJsonService } from '../../functions/aws/json-service.ts';
import { createParameterReader } from '../../functions/aws/parameter-reader.ts';
import { createShardStore } from '../../functions/aws/shard-store.ts';
import { systemClock } from '../../functions/aws/system-clock.ts';
import { taskCredentials } from '../../functions/aws/task-credentials.ts';
import { targetGroups } from '../../functions/discovery/target/file-sd.ts';
import { withAdvice } from './advice.ts';
import { ownShards, ownsShard } from './collector.ts';
import { systemFiles } from './file-system.ts';
import { createHealth } from './health.ts';
import { serveHealth } from './health-server.ts';
import { createIncidents } from './incidents.ts';
import { listen } from './listener.ts';
import { jsonLog } from './log.ts';
import { releaseBuffers } from './memory.ts';
import { createPublisher } from './publisher.ts';
import { createRefresh } from './refresh.ts';
import { type TargetSyncSettings, targetSyncSettings } from './settings.ts';
import type { ShardReading, ShardSource } from './shard-source.ts';
import { createTargetFiles } from './target-files.ts';
import { loadVersionMemory } from './version-memory.ts';

/** Refresh periods without any contact after which the health check is bad. */
const PATIENCE_PERIODS = 3;
/** Milliseconds for what is in hand to end after SIGTERM; a write takes far less, a read that hangs is left. */
const STOP_WITHIN = 3000;

const log = jsonLog((line) => process.stdout.write(line));

/** The queue and the shards in AWS, or where the environment says instead. */
function connect({ region, queueUrl, deployment }: TargetSyncSettings) {
  const shared = { region, credentials: taskCredentials(process.env), clock: systemClock };
  const sqs = createJsonService({
    ...shared,
    service: 'sqs',
    target: 'AmazonSQS',
    protocol: '1.0',
    endpoint: overriddenEndpoint('sqs', process.env) ?? new URL(queueUrl),
  });
  const ssm = createJsonService({
    ...shared,
    service: 'ssm',
    target: 'AmazonSSM',
    protocol: '1.1',
    endpoint: serviceEndpoint('ssm', region, process.env),
  });
  const parameters = { ...createParameterReader(ssm), put: () => Promise.reject(new Error('target-sync only reads')) };
  const shards = createShardStore(parameters, { deployment, shardTier: 'Standard' }, systemClock);
  const source: ShardSource = {
    async read(cluster, numbers) {
      const reads = await shards.read(cluster, numbers);
      return new Map(
        [...reads].map(([number, read]): [number, ShardReading] => [
          number,
          read.kind === 'shard' ? { kind: 'targets', version: read.version, groups: targetGroups(read.shard) } : read,
        ]),
      );
    },
  };
  return { queue: createChangeQueue(sqs, queueUrl), source };
}

async function main(): Promise<void> {
  const settings = targetSyncSettings(process.env);
  const { clusters, collector, directory, deployment } = settings;
  // Also of shards that a deployment has added and that this process, which is replaced after it, does not know yet:
  // tasks that move there would vanish until then.
  const owns = (cluster: string, shard: number) => clusters.includes(cluster) && ownsShard(collector, shard);
  const shards = ownShards(collector, settings.shards);
  const period = settings.refreshSeconds * 1000;

  await systemFiles.mkdir(directory, { recursive: true, mode: 0o755 });
  const files = createTargetFiles(systemFiles, directory);
  await files.removeLeftOvers();
  const versions = await loadVersionMemory(systemFiles, directory);
  const removed = await files.removeShards(
    [...clusters, ...versions.clusters()],
    (cluster, shard) => owns(cluster, shard) && shard < settings.shards,
  );

  const { queue, source } = connect(settings);
  const incidents = createIncidents(log);
  const health = createHealth(systemClock.now, PATIENCE_PERIODS * period);
  const { server, port } = await serveHealth(settings.healthPort, health.report, incidents);
  const publisher = createPublisher({ files, versions, incidents, health, log, now: systemClock.now });
  const shared = { source, publisher, incidents, clock: systemClock, afterWork: releaseBuffers };
  const refresh = createRefresh({ ...shared, health, clusters, shards, seconds: settings.refreshSeconds });
  log('info', 'target-sync started', {
    ...{ deployment, clusters, directory, shards, removed, healthPort: port },
    refreshSeconds: settings.refreshSeconds,
    collector: `${collector.index}/${collector.count}`,
  });

  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort()).once('SIGINT', () => stop.abort());
  stop.signal.addEventListener('abort', () => setTimeout(() => process.exit(0), STOP_WITHIN).unref());
  await Promise.all([
    refresh.run(stop.signal),
    listen(
      { ...shared, queue, log, deployment, owns, patience: period, onRestartedVersions: refresh.wake },
      stop.signal,
    ),
  ]);
  server.close();
  log('info', 'target-sync stopped');
  process.exit(0);
}

main().catch((error: unknown) => {
  const settingsAreWrong = error instanceof Error && error.name === 'InvalidSettingError';
  log('error', settingsAreWrong ? error.message : withAdvice(error));
  process.exitCode = 1;
});
