/** Lambda: repairs what events missed. By hand with `{ cluster?, service?, dryRun?, force? }`, or on a schedule. */
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { createClients, lambdaClient } from '../aws/clients.ts';
import { createResumption } from '../aws/reinvoke.ts';
import { createDependencies } from '../lambda/dependencies.ts';
import { readSettings } from '../lambda/environment.ts';
import { createTelemetry } from '../lambda/telemetry.ts';
import { resync } from './resync.ts';
import { parseResyncRequest, type ResyncSummary } from './resync-summary.ts';

const { logger, report } = createTelemetry('resync');
const clients = createClients();
const settings = readSettings(process.env);
const deps = createDependencies(clients, settings, report);
const resumption = createResumption(lambdaClient);

/** A shard takes at most half a minute (see OBSERVATION_LIFETIME_SECONDS), and the answer has to get out. */
const RESERVE_MILLISECONDS = 60_000;

async function handle(payload: unknown, context: Context): Promise<ResyncSummary> {
  const request = parseResyncRequest(payload, settings.clusters);
  const deadline = deps.clock.now() + context.getRemainingTimeInMillis() - RESERVE_MILLISECONDS;
  const { summary, resume } = await resync(deps, request, deadline, clients.calls.total);
  if (resume) await resumption.invoke(context.functionName, resume);
  report.info('resync', { request, ...summary });
  return summary;
}

export const handler = middy(handle).use(injectLambdaContext(logger));
