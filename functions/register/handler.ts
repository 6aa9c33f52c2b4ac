/** Lambda: announced changes become instances in Cloud Map. */
import { createClients, PATIENCE } from '../aws/clients.ts';
import { lookUps, onQueue } from '../lambda/dependencies.ts';
import { readSettings } from '../lambda/environment.ts';
import { queueHandler } from '../lambda/queue-handler.ts';
import { createTelemetry } from '../lambda/telemetry.ts';
import { registerBatch } from './register-batch.ts';

const settings = readSettings(process.env);
const { logger, report } = createTelemetry('register', settings.deployment);
const deps = lookUps({ clients: createClients(PATIENCE.register), settings, report });

export const handler = queueHandler(logger, (queue, messages, deadline) =>
  registerBatch(onQueue(deps, queue), messages, deadline),
);
