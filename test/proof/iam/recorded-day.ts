/** A day on which every part of a deployment, with its deployed environment, sends every request that it ever sends. */
import { readSettings } from '../../../functions/lambda/environment.ts';
import { createAccount } from '../../factories/account.ts';
import { type Deployment, functionOf } from '../deployed/deployment.ts';
import { cleaningUp, comparing, syncing } from './other-parts.ts';
import { prepare } from './prepared-account.ts';
import { observe, registering, store } from './queue-stages.ts';
import { recorder, type Sent } from './recorder.ts';

/** The deployment's name must be `discovery`, its namespace, if any, `ecs-services`: the account of the tests has these. */
export async function recordDay(deployment: Deployment): Promise<Sent[]> {
  const sent: Sent[] = [];
  const observeFunction = functionOf(deployment, 'observe');
  const account = createAccount(readSettings(observeFunction.environment));
  const { namespacesParameter } = account.settings;
  if (namespacesParameter !== undefined) account.parameters.write(namespacesParameter, 'ecs-services');
  const clientOf = recorder(account, sent);
  const register = deployment.functions.get('register');
  for (const [index, cluster] of account.settings.clusters.entries()) {
    const fleet = { cluster, first: 100 * index };
    prepare(account, fleet);
    await observe(account, fleet, observeFunction, clientOf);
    await store(account, fleet, functionOf(deployment, 'store'), clientOf);
    if (register) await registering(account, fleet, register, clientOf);
  }
  await comparing(account, functionOf(deployment, 'resync'), clientOf);
  const cleanup = deployment.functions.get('registration-cleanup');
  if (cleanup) await cleaningUp(account, cleanup, clientOf);
  for (const { family, containers } of deployment.tasks) {
    const targetSync = containers.find(({ Name }) => Name === 'target-sync');
    if (targetSync) await syncing(account, family, targetSync.Environment, clientOf);
  }
  const refused = account.queue.deadLetters.filter(({ body }) => body !== 'poison');
  if (refused.length > 0) throw new Error(`not understood: ${refused.map(({ reason }) => reason)}`);
  return sent;
}
