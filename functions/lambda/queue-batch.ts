/** A batch of Lambda's event source, from the messages to what SQS must keep of them. */
import { describeError } from '../aws/errors.ts';
import type { QueuedMessage, TaskQueue } from '../aws/sqs.ts';
import { handleTaskEvents, type TaskChangeDeps } from '../reconcile/task-change.ts';
import { settleRecords } from './return-or-drop.ts';

export type BatchDeps = TaskChangeDeps & { readonly queue: TaskQueue };

export interface Gathering {
  /** Messages of a batch behind which more are waiting. */
  readonly largeBatch: number;
  /** Messages that one invocation handles at most. */
  readonly most: number;
  /** Milliseconds that are spent on taking more. */
  readonly time: number;
}

/** For messages of 2 to 5 KB, and a function that has 30 s and 512 MB. */
export const GATHERING: Gathering = { largeBatch: 500, most: 10_000, time: 3000 };
const RECEIVERS = 10;

/**
 * Handles a batch of messages, with more of them where many wait: what a batch costs is a write for each shard that it
 * touches, and a large one touches them all, however much larger it is. An invocation gets no more than 6 MB (AWS Lambda
 * quotas), the rest is taken from the queue here.
 *
 * @param deadline milliseconds since 1970 at which the messages must be settled
 * @returns those of the given messages that SQS must keep, in the form of a partial batch response
 */
export async function handleBatch(
  deps: BatchDeps,
  messages: readonly QueuedMessage[],
  deadline: number,
  gathering = GATHERING,
): Promise<{ itemIdentifier: string }[]> {
  const more = messages.length < gathering.largeBatch ? [] : await takeMore(deps, messages.length, gathering);
  const all = [...messages, ...more];
  const kept = await settleRecords(deps, all, await handleTaskEvents(deps, all, deadline));
  await Promise.all(more.filter(({ messageId }) => !kept.has(messageId)).map((message) => remove(deps, message)));
  return messages
    .filter(({ messageId }) => kept.has(messageId))
    .map(({ messageId }) => ({ itemIdentifier: messageId }));
}

async function takeMore(
  { queue, clock, report }: BatchDeps,
  already: number,
  { most, time }: Gathering,
): Promise<QueuedMessage[]> {
  const taken: QueuedMessage[] = [];
  const until = clock.now() + time;
  const receive = async (): Promise<void> => {
    while (already + taken.length < most && clock.now() < until) {
      const received = await queue.receive();
      if (received.length === 0) return;
      taken.push(...received);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: RECEIVERS }, receive));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed) report.warn('no more messages could be taken at once', { error: describeError(failed.reason) });
  return taken;
}

/** One that stays comes again, and changes nothing. */
async function remove({ queue, report }: BatchDeps, { messageId, receiptHandle }: QueuedMessage): Promise<void> {
  try {
    await queue.delete(receiptHandle);
  } catch (error) {
    report.warn('a handled message could not be deleted and comes again', { messageId, error: describeError(error) });
  }
}
