/** The stages that read queues, each with a batch for which it sends every request that it ever sends. */
import { createMessageQueue, type MessageQueue } from '../../../functions/aws/sqs.ts';
import { lookUps, observing, onQueue, storing } from '../../../functions/lambda/dependencies.ts';
import { readQueueUrls, readTopicArn } from '../../../functions/lambda/environment.ts';
import { createAnnounced } from '../../../functions/observe/announced.ts';
import { observeBatch } from '../../../functions/observe/observe-batch.ts';
import { registerBatch } from '../../../functions/register/register-batch.ts';
import { storeBatch } from '../../../functions/store/store-batch.ts';
import type { Account } from '../../factories/account.ts';
import { announcing, event, IN_NAMESPACE, stop, upsert } from '../../factories/stages.ts';
import { idOf } from '../../factories/tasks.ts';
import type { DeployedFunction } from '../deployed/deployment.ts';
import { type ClientOf, disturb, type Fleet, MINUTE, messagesOf, partsOf } from './prepared-account.ts';
import type { Client } from './recorder.ts';

/** Lets a stage handle a batch of each of its queues. */
async function onEachQueue(
  account: Account,
  { eventSources, environment }: DeployedFunction,
  client: Client,
  handle: (queue: MessageQueue, deadline: number, index: number) => Promise<unknown>,
): Promise<void> {
  for (const [index, arn] of eventSources.entries()) {
    const queue = createMessageQueue(async () => client, readQueueUrls(environment, arn));
    await account.clock.run(() => handle(queue, account.clock.now() + MINUTE, index));
  }
}

export async function observe(
  account: Account,
  { cluster, first }: Fleet,
  lambda: DeployedFunction,
  clientOf: ClientOf,
): Promise<void> {
  const client = clientOf('observe');
  const parts = { ...partsOf(account, lambda, client), topicArn: readTopicArn(lambda.environment) };
  const deps = { ...observing(parts), announced: createAnnounced() };
  const eventOf = (number: number) => event({ number, cluster, ...account.tasks.get(idOf(number)) });
  await onEachQueue(account, lambda, client, (queue, _, index) => {
    // A full batch: it takes what waits behind it.
    const many = Array.from({ length: 8 }, (_, more) => eventOf(first + 10 + 10 * index + more));
    account.queue.waiting.push(...messagesOf(account, [eventOf(first + 1)]));
    const all = [eventOf(first + 2), eventOf(first + 3), ...many, { body: 'poison' }];
    return observeBatch(onQueue(deps, queue), messagesOf(account, all));
  });
}

export async function store(
  account: Account,
  { cluster, first }: Fleet,
  lambda: DeployedFunction,
  clientOf: ClientOf,
): Promise<void> {
  const client = clientOf('store');
  const deps = storing({ ...partsOf(account, lambda, client), topicArn: readTopicArn(lambda.environment) });
  disturb(account);
  await onEachQueue(account, lambda, client, (queue, deadline) => {
    // Observed a minute ago: ECS is asked whether it still runs.
    const observed = Math.floor(account.clock.now() / 1000) - 60;
    const changes = [upsert(first + 1, { observed }), upsert(first + 3), stop(first + 90)];
    account.queue.waiting.push(...messagesOf(account, [announcing([upsert(first + 4)], { cluster })]));
    const messages = messagesOf(account, [announcing(changes, { cluster }), { body: 'poison' }]);
    return storeBatch(onQueue(deps, queue), messages, deadline);
  });
}

export async function registering(
  account: Account,
  { cluster, first }: Fleet,
  lambda: DeployedFunction,
  clientOf: ClientOf,
): Promise<void> {
  const client = clientOf('register');
  const deps = lookUps(partsOf(account, lambda, client));
  account.services.get('shop')?.instances.set(idOf(first + 90), { AWS_INSTANCE_IPV4: '10.0.0.90' });
  await onEachQueue(account, lambda, client, (queue, deadline) => {
    const labels = { ...IN_NAMESPACE, cluster };
    const stopped = stop(first + 90, { service: 'shop' });
    const changes = [upsert(first + 1, { labels }), upsert(first + 2, { labels }), stopped];
    const messages = messagesOf(account, [announcing(changes, { cluster }), { body: 'poison' }]);
    return registerBatch(onQueue(deps, queue), messages, deadline);
  });
}
