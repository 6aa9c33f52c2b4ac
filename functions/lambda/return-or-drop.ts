/** Ends a batch: what failed comes back soon, what will never be good is put aside, the rest is done. */
import { describeError } from '../aws/errors.ts';
import type { QueuedMessage, TaskQueue } from '../aws/sqs.ts';
import { METRICS } from '../discovery/metric-names.ts';
import type { RecordOutcome } from '../reconcile/task-change.ts';
import type { Report } from './report.ts';

const FIRST_RETRY_SECONDS = 5;
const LONGEST_RETRY_SECONDS = 300;

/** Seconds until a record is tried again: 5, 10, 20 … 300. */
export const retrySeconds = (receiveCount: number): number =>
  Math.min(LONGEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (receiveCount - 1));

/** @returns ids of the messages that SQS must keep */
export async function settleRecords(
  { queue, report }: { readonly queue: TaskQueue; readonly report: Report },
  records: readonly QueuedMessage[],
  outcomes: ReadonlyMap<string, RecordOutcome>,
): Promise<Set<string>> {
  const kept = await Promise.all(
    records.map(async (record) => {
      const outcome = outcomes.get(record.messageId) ?? {
        kind: 'retry',
        error: new Error('the record was not handled'),
      };
      switch (outcome.kind) {
        case 'done':
          return [];
        case 'poison':
          return (await putAside({ queue, report }, record, outcome.reason)) ? [] : [record];
        case 'retry':
          await retryLater({ queue, report }, record, outcome.error);
          return [record];
      }
    }),
  );
  return new Set(kept.flat().map(({ messageId }) => messageId));
}

type Deps = Parameters<typeof settleRecords>[0];

/** Where the dead-letter queue does not take it, the record stays in its queue and reaches it by its number of tries. */
async function putAside({ queue, report }: Deps, { messageId, body }: QueuedMessage, reason: string): Promise<boolean> {
  report.count(METRICS.poison, 1, { cluster: 'unknown' });
  try {
    await queue.putAside(body, reason);
    report.warn('message put aside in the dead-letter queue', { messageId, reason });
    return true;
  } catch (error) {
    report.warn('malformed message could not be put aside', { messageId, reason, error: describeError(error) });
    return false;
  }
}

async function retryLater({ queue, report }: Deps, record: QueuedMessage, cause: Error): Promise<void> {
  const { messageId, receiptHandle, receiveCount } = record;
  const seconds = retrySeconds(receiveCount);
  report.warn('record is tried again', { messageId, receiveCount, seconds, error: describeError(cause) });
  report.count(METRICS.retried, 1, { cluster: 'unknown' });
  try {
    await queue.retryAfter(receiptHandle, seconds);
  } catch (error) {
    report.warn('record is tried again after the visibility timeout', { messageId, error: describeError(error) });
  }
}
