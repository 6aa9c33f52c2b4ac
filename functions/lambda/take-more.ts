import { describeError } from '../aws/errors.ts';
import { MESSAGES_PER_REQUEST, type QueuedMessage } from '../aws/sqs.ts';
import type { BatchParts } from './queue-batch.ts';

interface Taking {
  /** Messages that are taken at most. */
  readonly most: number;
  /** Milliseconds that are spent on it. */
  readonly time: number;
}

const RECEIVERS = 10;

/** Takes messages that wait behind a batch: one request first, and many at once where that one came back full. */
export async function takeMore({ queue, clock, report }: BatchParts, { most, time }: Taking): Promise<QueuedMessage[]> {
  const taken: QueuedMessage[] = [];
  const until = clock.now() + time;
  // One request that fails ends its own turn alone: what the others receive must not be lost.
  const receive = async (): Promise<number> => {
    try {
      const received = await queue.receive();
      taken.push(...received);
      return received.length;
    } catch (error) {
      report.warn('no more messages could be taken at once', { error: describeError(error) });
      return 0;
    }
  };
  const receiveAll = async (): Promise<void> => {
    while (taken.length < most && clock.now() < until) if ((await receive()) === 0) return;
  };
  if (most <= 0 || (await receive()) < MESSAGES_PER_REQUEST) return taken;
  await Promise.all(Array.from({ length: RECEIVERS }, receiveAll));
  return taken;
}
