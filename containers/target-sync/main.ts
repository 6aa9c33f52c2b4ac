/** Keeps the collector's target files equal to what is announced and configured: waits on a queue, reads SSM, writes files. */
import { join } from 'node:path';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import { clientOptions, PATIENCE } from '../../functions/aws/clients.ts';
import { createParameterReader } from '../../functions/aws/parameters.ts';
import { createShardReader } from '../../functions/aws/shard-store.ts';
import { createMessageQueue } from '../../functions/aws/sqs.ts';
import { systemClock } from '../../functions/aws/system-clock.ts';
import { TARGET_FILES_FOLDER } from '../../functions/discovery/names.ts';
import { systemFiles } from './files/file-system.ts';
import { createStateFiles } from './files/state-files.ts';
import { createTargetFiles } from './files/target-files.ts';
import { withAdvice } from './operator/advice.ts';
import { createHealth } from './operator/health.ts';
import { serveHealth } from './operator/health-server.ts';
import { createIncidents } from './operator/incidents.ts';
import { jsonLog } from './operator/log.ts';
import { releaseBuffers } from './operator/memory.ts';
import { type TargetSyncSettings, targetSyncSettings } from './operator/settings.ts';
import { ownShards, ownsShard } from './sync/collector-share.ts';
import { startSync } from './sync/start-sync.ts';

/** Periods between two readings without any contact after which the health check is bad. */
const PATIENCE_PERIODS = 3;
/** Milliseconds for what is in hand to end after SIGTERM; a write takes far less, a read that hangs is left. */
const STOP_WITHIN = 3000;
/** Name of the folder for what this process remembers, and for files while they are being written. */
const STATE_FOLDER = 'state';

const log = jsonLog((line) => process.stdout.write(line));

/** The queue and the shards in AWS, or where the environment says instead: the SDK reads it. */
function connect({ region, queueUrl, deployment }: TargetSyncSettings) {
  const sqs = new SQSClient({ ...clientOptions(PATIENCE.targetSyncQueue), region });
  const ssm = new SSMClient({ ...clientOptions(PATIENCE.targetSync), region });
  return {
    queue: createMessageQueue(async () => sqs, { queueUrl }),
    source: createShardReader(createParameterReader(ssm), deployment, systemClock),
  };
}

async function main(): Promise<void> {
  const settings = targetSyncSettings(process.env);
  const { clusters, collector, deployment, shards: shardCount } = settings;
  const shards = ownShards(collector, shardCount);
  const directory = join(settings.directory, TARGET_FILES_FOLDER);
  const state = join(settings.directory, STATE_FOLDER);
  for (const folder of [directory, state]) await systemFiles.mkdir(folder, { recursive: true, mode: 0o755 });

  const incidents = createIncidents(log);
  const health = createHealth(systemClock.now, PATIENCE_PERIODS * settings.refreshSeconds * 1000);
  const { server, port } = await serveHealth(settings.healthPort, health.report, incidents);
  const stop = new AbortController();
  process.once('SIGTERM', () => stop.abort()).once('SIGINT', () => stop.abort());
  stop.signal.addEventListener('abort', () => setTimeout(() => process.exit(0), STOP_WITHIN).unref());
  log('info', 'target-sync started', {
    ...{ deployment, clusters, directory, shards, healthPort: port },
    refreshSeconds: settings.refreshSeconds,
    collector: `${collector.index}/${collector.count}`,
  });
  await startSync(
    {
      ...connect(settings),
      targetFiles: createTargetFiles(systemFiles, { directory, temporaries: state }),
      stateFiles: createStateFiles(systemFiles, state),
      ...{ incidents, health, log, clock: systemClock, afterWork: releaseBuffers },
      settings: { deployment, clusters, shards: shardCount, refreshSeconds: settings.refreshSeconds },
      owns: (shard) => ownsShard(collector, shard),
    },
    stop.signal,
  );
  server.close();
  log('info', 'target-sync stopped');
  process.exit(0);
}

main().catch((error: unknown) => {
  const settingsAreWrong = error instanceof Error && error.name === 'InvalidSettingError';
  log('error', settingsAreWrong ? error.message : withAdvice(error));
  process.exitCode = 1;
});
