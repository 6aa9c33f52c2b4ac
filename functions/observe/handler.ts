/** Lambda: a batch of "ECS Task State Change" events becomes an announcement. */
import { createClients, PATIENCE } from '../aws/clients.ts';
import { observing, onQueue } from '../lambda/dependencies.ts';
import { readSettings, readTopicArn } from '../lambda/environment.ts';
import { queueHandler } from '../lambda/queue-handler.ts';
import { createTelemetry } from '../lambda/telemetry.ts';
import { createAnnounced } from './announced.ts';
import { observeBatch } from './observe-batch.ts';

const settings = readSettings(process.env);
const { logger, report } = createTelemetry('observe', settings.deployment);
const clients = createClients(PATIENCE.observe);
const deps = {
  ...observing({ clients, settings, report, topicArn: readTopicArn(process.env) }),
  announced: createAnnounced(),
};

export const handler = queueHandler(logger, (queue, messages) => observeBatch(onQueue(deps, queue), messages));
