/** Lambda: finds what events missed. By hand with `{ cluster?, service?, task?, dryRun?, force? }`, or on a schedule. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { createClients, lambdaClient, PATIENCE } from '../aws/clients.ts';
import { createDeployedShards } from '../aws/deployed-shards.ts';
import { createReinvoke } from '../aws/reinvoke.ts';
import { resyncing } from '../lambda/dependencies.ts';
import { readSettings, readTopicArn } from '../lambda/environment.ts';
import { createTelemetry } from '../lambda/telemetry.ts';
import { resync } from './resync.ts';
import { parseResyncRequest, type ResyncSummary } from './resync-summary.ts';

const settings = readSettings(process.env);
const { logger, report } = createTelemetry('resync', settings.deployment);
const clients = createClients(PATIENCE.resync);
const deps = resyncing({ clients, settings, report, topicArn: readTopicArn(process.env) });
const reinvoke = createReinvoke(lambdaClient);
const deployedShards = createDeployedShards(lambdaClient);

/** A shard takes at most half a minute, and the answer has to get out. In milliseconds. */
const RESERVE = 60_000;

async function handle(payload: unknown, context: Context): Promise<ResyncSummary> {
  const request = parseResyncRequest(payload, settings.clusters);
  const deadline = deps.clock.now() + context.getRemainingTimeInMillis() - RESERVE;
  const { functionName } = context;
  const run = { ...deps, deployedShards: () => deployedShards(functionName) };
  const { summary, resume } = await resync(run, request, deadline, clients.calls.total);
  if (resume) await reinvoke(functionName, resume);
  report.info('resync', { request, ...summary });
  return summary;
}

export const handler = middy(handle).use(injectLambdaContext(logger));
