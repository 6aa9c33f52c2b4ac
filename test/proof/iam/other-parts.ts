/** Resync, the clean-up and target-sync, each with all that it ever asks of AWS. */
import { targetSyncSettings } from '../../../containers/target-sync/operator/settings.ts';
import { createCloudMap } from '../../../functions/aws/cloud-map.ts';
import { createDeployedShards } from '../../../functions/aws/deployed-shards.ts';
import { createEcs } from '../../../functions/aws/ecs.ts';
import { createParameterReader } from '../../../functions/aws/parameters.ts';
import { createReinvoke } from '../../../functions/aws/reinvoke.ts';
import { createShardReader } from '../../../functions/aws/shard-reader.ts';
import { createMessageQueue } from '../../../functions/aws/sqs.ts';
import { resyncing } from '../../../functions/lambda/dependencies.ts';
import { readOwnership, readTopicArn } from '../../../functions/lambda/environment.ts';
import { createCloudMapLookup } from '../../../functions/look-up/cloud-map-lookup.ts';
import { emptyServices } from '../../../functions/register/empty-services.ts';
import { resync } from '../../../functions/resync/resync.ts';
import { type Account, START } from '../../factories/account.ts';
import { announcing, upsert } from '../../factories/stages.ts';
import { idOf } from '../../factories/tasks.ts';
import type { DeployedFunction } from '../deployed/deployment.ts';
import { type ClientOf, disturb, MINUTE, messagesOf, partsOf } from './prepared-account.ts';

export async function comparing(account: Account, lambda: DeployedFunction, clientOf: ClientOf): Promise<void> {
  const client = clientOf('resync');
  const functionName = lambda.arn.slice(lambda.arn.lastIndexOf(':') + 1);
  const connect = async () => client;
  const deployedShards = () => createDeployedShards(connect)(functionName);
  const looking = resyncing({ ...partsOf(account, lambda, client), topicArn: readTopicArn(lambda.environment) });
  const deps = { ...looking, deployedShards };
  disturb(account);
  const [cluster = ''] = account.settings.clusters;
  account.services.get('shop')?.instances.set(idOf(91), { ECS_CLUSTER_NAME: cluster });
  const run = (deadline: number) =>
    account.clock.run(() => resync(deps, {}, deadline, () => account.client.sent.length));
  await run(account.clock.now() + 15 * MINUTE);
  // Another time it has no more time than for the first shard.
  const { resume } = await run(START);
  await createReinvoke(connect)(functionName, resume);
}

/** As functions/register/registration-cleanup.ts. */
export async function cleaningUp(
  account: Account,
  { environment }: DeployedFunction,
  clientOf: ClientOf,
): Promise<void> {
  const client = clientOf('registration-cleanup');
  const { clock } = account;
  const report = { info: () => {}, warn: () => {}, count: () => {} };
  const cloudMap = createCloudMap(async () => client);
  const parameters = createParameterReader(client);
  const looking = { parameters, cloudMap, ecs: createEcs(client), clock, report };
  const cloudMapLookup = createCloudMapLookup(looking, readOwnership(environment));
  await clock.run(() => emptyServices({ cloudMapLookup, cloudMap, clock, report }, undefined, clock.now() + MINUTE));
}

/** As containers/target-sync/main.ts connects it. */
export async function syncing(
  account: Account,
  family: string,
  environment: readonly { readonly Name: string; readonly Value: string }[],
  clientOf: ClientOf,
): Promise<void> {
  const client = clientOf(family);
  const { queueUrl, deployment, clusters, shards } = targetSyncSettings(
    Object.fromEntries(environment.map(({ Name, Value }) => [Name, Value])),
  );
  const queue = createMessageQueue(async () => client, { queueUrl });
  const reader = createShardReader(createParameterReader(client), deployment, account.clock);
  account.queue.waiting.push(...messagesOf(account, [announcing([upsert(1)])]));
  for (const { receiptHandle } of await queue.receive({ waitSeconds: 20 })) await queue.delete(receiptHandle);
  disturb(account);
  const numbers = Array.from({ length: shards }, (_, shard) => shard);
  for (const cluster of clusters) await account.clock.run(() => reader.read(cluster, numbers));
}
