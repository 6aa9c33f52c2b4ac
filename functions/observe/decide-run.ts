/** What follows from a look at a task that an event called running. */
import { describeError } from '../aws/errors.ts';
import type { TaskChange } from '../discovery/change/change.ts';
import type { Clock } from '../discovery/clock.ts';
import { plan } from '../discovery/plan/plan.ts';
import type { Report } from '../lambda/report.ts';
import { reportRejections } from '../lambda/report-rejections.ts';
import type { ObservedTask } from '../look-up/observe-tasks.ts';
import { AnswerIncomplete } from '../look-up/scraping.ts';
import type { EventTask } from './event-tasks.ts';

/** An error where the task has to be looked at again. */
export type Decision = TaskChange | 'nothing' | Error;

/** How long ECS may not know a task after the last event that named it (Amazon ECS API reference, "eventual consistency"). */
const MISSING_MILLISECONDS = 5 * 60_000;

export function decideRun(
  { report, clock }: { readonly report: Report; readonly clock: Clock },
  cluster: string,
  { task, messages }: EventTask,
  seen: ObservedTask,
): Decision {
  reportRejections(report, cluster, seen);
  const { taskId, observation, observed } = seen;
  const age = clock.now() - Math.max(...messages.map(({ sentAt }) => sentAt));
  if (observation.kind === 'missing' && age >= MISSING_MILLISECONDS) {
    report.warn('task is not scraped: ECS does not know it, five minutes after its event', { cluster, taskId });
    return 'nothing';
  }
  const isHopeless = observation.kind === 'unknown' && observation.error instanceof AnswerIncomplete;
  if (isHopeless && age >= MISSING_MILLISECONDS) {
    report.warn('task is not scraped until an event or resync finds what is missing', {
      cluster,
      taskId: task.id,
      problem: describeError(observation.error),
    });
    return 'nothing';
  }
  const planned = plan(taskId, 'unread', observation, observed);
  switch (planned.kind) {
    case 'nothing':
      return 'nothing';
    case 'held':
      return planned.error;
    default:
      return planned;
  }
}
