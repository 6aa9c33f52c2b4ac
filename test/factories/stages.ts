/** The stages at work on an account: messages in, and what became of each out. */
import { createMessageQueue, type QueuedMessage } from '../../functions/aws/sqs.ts';
import { type Announcement, encodeAnnouncement } from '../../functions/discovery/change/announcement.ts';
import type { Deselect, Stop, TaskChange, Upsert } from '../../functions/discovery/change/change.ts';
import type { TaskTargets } from '../../functions/discovery/target/task-targets.ts';
import { onQueue } from '../../functions/lambda/dependencies.ts';
import type { BatchItemFailure, BatchParts } from '../../functions/lambda/queue-batch.ts';
import { observeBatch } from '../../functions/observe/observe-batch.ts';
import { registerBatch } from '../../functions/register/register-batch.ts';
import { storeBatch } from '../../functions/store/store-batch.ts';
import { type Account, START } from './account.ts';
import { awsError } from './senders.ts';
import { aTask, idOf, type TaskOptions, taskEvent } from './tasks.ts';

export interface Sent {
  readonly body: string;
  readonly receiveCount?: number;
  /** How long it has been in its queue, in seconds. */
  readonly age?: number;
}

let created = 0;

export function message(account: Account, { body, receiveCount = 1, age = 0 }: Sent): QueuedMessage {
  const messageId = `m${created++}`;
  const sentAt = account.clock.now() - age * 1000;
  return { messageId, receiptHandle: `receipt of ${messageId}`, body, receiveCount, sentAt, firstReceivedAt: sentAt };
}

/** `done`, `put aside: <reason>`, or `again in <n> s`, with the name of the error where there is one. */
export type Fate = string;

/** @returns what became of each message */
async function batch(
  account: Account,
  sent: readonly Sent[],
  handle: (queue: BatchParts['queue'], messages: readonly QueuedMessage[]) => Promise<BatchItemFailure[]>,
): Promise<Fate[]> {
  const messages = sent.map((it) => message(account, it));
  const urls = { queueUrl: 'https://sqs/queue', deadLetterQueueUrl: 'https://sqs/dead' };
  const queue = createMessageQueue(async () => account.client, urls);
  const failures = await account.clock.run(() => handle(queue, messages));
  const kept = new Set(failures.map(({ itemIdentifier }) => itemIdentifier));
  // Lambda developer guide, "Using Lambda with Amazon SQS": one id that is not of the batch, and all of it has failed.
  const others = kept.difference(new Set(messages.map(({ messageId }) => messageId)));
  if (others.size > 0) throw new Error(`Lambda knows nothing of ${[...others].join(', ')}`);
  return messages.map((it) => fateOf(account, it, kept.has(it.messageId)));
}

function fateOf({ queue, log }: Account, it: QueuedMessage, isKept: boolean): Fate {
  if (!isKept) {
    const aside = queue.deadLetters.find(({ body }) => body === it.body);
    return aside ? `put aside: ${aside.reason}` : 'done';
  }
  const error = log.findLast(
    ({ message: text, messageId }) => text === 'message is tried again' && messageId === it.messageId,
  );
  const name = error && ` (${String(error['error']).split(':')[0]})`;
  return `again in ${queue.shownAfter.get(it.receiptHandle)} s${name ?? ''}`;
}

export const observe = (account: Account, ...sent: Sent[]): Promise<Fate[]> =>
  batch(account, sent, (queue, messages) => observeBatch(onQueue(account.stages.observe, queue), messages));

export const store = (account: Account, ...sent: Sent[]): Promise<Fate[]> => storeWithin(account, 100, ...sent);

/** @param seconds that the function has for its work */
export const storeWithin = (account: Account, seconds: number, ...sent: Sent[]): Promise<Fate[]> =>
  batch(account, sent, (queue, messages) =>
    storeBatch(onQueue(account.stages.store, queue), messages, account.clock.now() + seconds * 1000),
  );

export const register = (account: Account, ...sent: Sent[]): Promise<Fate[]> => registerWithin(account, 50, ...sent);

export const registerWithin = (account: Account, seconds: number, ...sent: Sent[]): Promise<Fate[]> =>
  batch(account, sent, (queue, messages) =>
    registerBatch(onQueue(account.stages.register, queue), messages, account.clock.now() + seconds * 1000),
  );

/** Brings to the store and to the register what was announced since the last time. */
export async function deliver(account: Account): Promise<void> {
  const changes = account.messages.splice(0).filter(({ kind }) => kind === 'changes');
  if (changes.length === 0) return;
  await store(account, ...changes);
  await register(account, ...changes);
}

/** A task event, as its queue has it. */
export const event = (options: TaskOptions = {}, more: Omit<Sent, 'body'> & { readonly time?: number } = {}): Sent => ({
  body: taskEvent(options, new Date(more.time ?? START).toISOString()),
  ...more,
});

/** An announcement, as the queues of its consumers have it. */
export const announcing = (changes: readonly TaskChange[], more: Partial<Announcement> = {}): Sent => {
  const announcement = {
    deployment: 'discovery',
    cluster: 'prod',
    changes,
    misregistered: [],
    compared: [],
    written: [],
  };
  const [{ body } = { body: '' }] = encodeAnnouncement({ ...announcement, ...more });
  return { body };
};

const NOW = START / 1000;

type Stamps = { readonly version?: number; readonly observed?: number };

export const upsert = (number: number, { observed = NOW, ...changes }: Partial<TaskTargets> & Stamps = {}): Upsert => {
  const targets = targetsOf({ number }, changes);
  return { kind: 'upsert', taskId: idOf(number), version: targets.version, observed, targets };
};

export const stop = (
  number: number,
  { version = 5, observed = NOW, ...more }: Stamps & { service?: string } = {},
): Stop => ({
  kind: 'stop',
  taskId: idOf(number),
  version,
  observed,
  ...more,
});

export const deselect = (
  number: number,
  { version = 3, observed = NOW, ...more }: Stamps & { service?: string } = {},
): Deselect => ({ kind: 'deselect', taskId: idOf(number), version, observed, ...more });

/** The targets of a task of the account, as observing it gives them. */
export function targetsOf(options: TaskOptions, changes: Partial<TaskTargets> = {}): TaskTargets {
  const { id, version, address = '', cluster, service, family } = aTask(options);
  return {
    taskId: id,
    version,
    address,
    labels: { cluster, ...(service !== undefined && { service }), taskdefinition: family },
    targets: [{ port: 3000, labels: { __metrics_path__: '/metrics', container: 'web' } }],
    ...changes,
  };
}

/** Where it is registered in Cloud Map. */
export const IN_NAMESPACE = { cluster: 'prod', service: 'shop', taskdefinition: 'shop', namespace: 'ecs-services' };

/** Every request of this operation fails. */
export function fail(account: Account, operation: string, name = 'ThrottlingException', text = 'Rate exceeded'): void {
  account.before = (asked) => {
    if (asked === operation) throw awsError(name, text);
  };
}

/** Requests of this operation get no answer until the client gives up. */
export function hang(account: Account, operation: string, seconds: number): void {
  account.before = async (asked) => {
    if (asked !== operation) return;
    await account.clock.sleep(seconds * 1000);
    throw awsError('TimeoutError', 'no answer');
  };
}

export const numbers = (count: number, from = 1): number[] => Array.from({ length: count }, (_, index) => from + index);
