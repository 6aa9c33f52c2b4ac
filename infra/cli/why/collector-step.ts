/** Whether the collector that takes a task hears of changes. */
import type { QueueState } from '../account/queues.ts';
import { durationOf } from '../terminal/times.ts';
import { passed, type Step, warning } from './explained-task.ts';

const STEP = 'collector';

/** From this age of its oldest message on, in seconds, nobody reads the queue of a collector; its alarm says the same. */
const UNREAD_SECONDS = 120;

/** What waits for a collector, in words; undefined where nothing is wrong. */
export function problemOfCollector(
  index: number,
  { visible, age }: Pick<QueueState, 'visible' | 'age'>,
): string | undefined {
  if (visible === 0 || (age !== undefined && age < UNREAD_SECONDS)) return undefined;
  const oldest = age === undefined ? '' : `, the oldest for ${durationOf(age)}`;
  return `nobody reads the queue of collector ${index}: ${visible} messages wait${oldest}`;
}

export const COLLECTOR_ADVICE =
  'target-sync, the container beside the collector, is down or cannot reach SQS; until it is back the collector scrapes the targets it had. Its log says why: see "The collector shows old targets" in docs/operations.md. Or replace the collector.';

/** @param queues of all collectors; they share the shards between them by number */
export function collectorSteps(shard: number, queues: readonly QueueState[]): Step[] {
  const index = shard % queues.length;
  const queue = queues[index];
  if (!queue) return [];
  const problem = problemOfCollector(index, queue);
  return [
    problem === undefined
      ? passed(STEP, `collector ${index} takes shard ${shard}, and its queue is read`)
      : warning(STEP, problem, COLLECTOR_ADVICE),
  ];
}
