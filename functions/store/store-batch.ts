/** From announcements to the target configuration in SSM: takes what waits, writes the shard that waited longest, again. */
import type { QueuedMessage } from '../aws/sqs.ts';
import { type BatchItemFailure, type BatchParts, failures, settle, settleTaken } from '../lambda/queue-batch.ts';
import { takeMore } from '../lambda/take-more.ts';
import { StoreRun, type StoreRunDeps } from './store-run.ts';

interface StoreBatchDeps extends StoreRunDeps, BatchParts {
  // Both of StoreRunDeps and BatchParts.
  readonly clock: BatchParts['clock'];
  readonly report: BatchParts['report'];
}

/** Messages that one run has in hand at most, and the time that one look at the queue takes. */
const MOST_MESSAGES = 5000;
const TAKING_MILLISECONDS = 1000;

/** @param deadline milliseconds since 1970 at which the messages must be settled */
export async function storeBatch(
  deps: StoreBatchDeps,
  messages: readonly QueuedMessage[],
  deadline: number,
): Promise<BatchItemFailure[]> {
  const run = new StoreRun(deps, messages);
  // No shard waits for SQS to delete the messages of another.
  const settling: Promise<void>[] = [];
  while (deps.clock.now() < deadline) {
    const most = run.isSecond ? 0 : MOST_MESSAGES - messages.length - run.taken.length;
    run.take(await takeMore(deps, { most, time: TAKING_MILLISECONDS }));
    if (!(await run.writeNext(deadline))) break;
    settling.push(settleTaken(deps, run.takeSettled(), run.outcomes));
  }
  run.giveUp();
  settling.push(run.announced(), settleTaken(deps, run.taken, run.outcomes));
  const [kept] = await Promise.all([settle(deps, messages, run.outcomes), ...settling]);
  return failures(kept);
}
