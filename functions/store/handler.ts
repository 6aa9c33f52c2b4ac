/** Lambda: announced changes become the target configuration in SSM. */
import { createClients, PATIENCE } from '../aws/clients.ts';
import { onQueue, storing } from '../lambda/dependencies.ts';
import { readSettings, readTopicArn } from '../lambda/environment.ts';
import { queueHandler } from '../lambda/queue-handler.ts';
import { createTelemetry } from '../lambda/telemetry.ts';
import { storeBatch } from './store-batch.ts';

const settings = readSettings(process.env);
const { logger, report } = createTelemetry('store', settings.deployment);
const clients = createClients(PATIENCE.store);
const deps = storing({ clients, settings, report, topicArn: readTopicArn(process.env) });

export const handler = queueHandler(logger, (queue, messages, deadline) =>
  storeBatch(onQueue(deps, queue), messages, deadline),
);
