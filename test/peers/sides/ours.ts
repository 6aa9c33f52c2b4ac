/** This project as `npm run local` runs it: the deployed functions on the emulated AWS, and target-sync as its image runs it. */
import { join } from 'node:path';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { ResyncSummary } from '../../../functions/resync/resync-summary.ts';
import { imageFolder } from '../../../infra/build/image-contexts.ts';
import { deployDiscovery } from '../../../infra/local/deployment.ts';
import { loopbackClientConfig } from '../../../infra/local/loopback.ts';
import type { Ministack } from '../../../infra/local/ministack/ministack.ts';
import { startTargetSync, targetFilesIn } from '../../../infra/local/target-sync.ts';
import { FLAGS } from '../../containers/target-sync/flags.ts';
import type { Account } from '../account/account.ts';
import { FLEET_CLUSTER } from '../fleet.ts';
import { watchTargets } from '../target-list.ts';
import { folderOf, LAMBDA, PEERS_ROOT, type Side } from './side.ts';

export interface Ours extends Side {
  /** Compares everything with ECS, as the schedule does every three hours. */
  readonly resync: () => Promise<ResyncSummary>;
}

export const startOurs = async (aws: Ministack, account: Account, shards: number): Promise<Ours> => {
  const { deployment, queues, functions } = await deployDiscovery(aws, {
    directory: await folderOf('ours', 'cdk'),
    settings: { clusters: FLEET_CLUSTER, shards: String(shards), collectors: '1', resyncSchedule: 'off' },
    log: join(PEERS_ROOT, 'cdk.log'),
  });
  const volume = await folderOf('ours', 'volume');
  const targetSync = await startTargetSync({
    endpoint: aws.endpoint,
    environment: { AWS_ENDPOINT_URL_SSM: account.endpoint },
    ...{ deployment, shards, volume, clusters: [FLEET_CLUSTER] },
    program: [...FLAGS, join(imageFolder('target-sync'), 'target-sync.cjs')],
    queueUrl: queues.collectors[0] ?? '',
    log: join(PEERS_ROOT, 'target-sync.log'),
  });
  const list = await watchTargets(targetFilesIn(volume), (name) => name.endsWith('.json'));
  const lambda = new LambdaClient({ ...loopbackClientConfig(aws.endpoint), requestHandler: { requestTimeout: 0 } });
  let end: string | undefined;
  void targetSync.process.ended.then((how) => {
    end = how;
  });
  return {
    ...{ id: 'ours', account, list },
    processes: {
      'target-sync': { root: () => targetSync.process.pid },
      [LAMBDA]: { root: () => aws.process.pid, program: 'node' },
    },
    // Nothing of it asks every so often.
    hurry: async () => {},
    ended: () => end,
    resync: async () => {
      const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName: functions.resync }));
      const text = Payload?.transformToString() ?? '';
      if (FunctionError !== undefined) throw new Error(text);
      return JSON.parse(text);
    },
    stop: async () => {
      list.stop();
      lambda.destroy();
      await targetSync.stop();
    },
  };
};
