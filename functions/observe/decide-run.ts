/** What follows from a look at a task that an event called running. */
import { describeError } from '../aws/errors.ts';
import type { TaskChange } from '../discovery/change/change.ts';
import type { Clock } from '../discovery/clock.ts';
import { plan } from '../discovery/plan/plan.ts';
import { ECS_LAG_SECONDS } from '../discovery/task/not-yet-visible.ts';
import type { Report } from '../lambda/report.ts';
import { reportRejections } from '../lambda/report-rejections.ts';
import type { ObservedTask } from '../look-up/observe-tasks.ts';
import { AnswerIncomplete } from '../look-up/scraping.ts';
import type { EventTask } from './event-tasks.ts';

/** An error where the task has to be looked at again. */
export type Decision = TaskChange | 'nothing' | Error;

/** How long after its last event a task is looked at again that ECS does not know, or does not show whole. */
const PATIENCE_MILLISECONDS = ECS_LAG_SECONDS * 1000;

export function decideRun(
  { report, clock }: { readonly report: Report; readonly clock: Clock },
  cluster: string,
  { messages }: EventTask,
  seen: ObservedTask,
): Decision {
  reportRejections(report, cluster, seen);
  const { taskId, observation, observed } = seen;
  const age = clock.now() - Math.max(...messages.map(({ sentAt }) => sentAt));
  if (observation.kind === 'missing' && age >= PATIENCE_MILLISECONDS) {
    report.warn('task is not scraped: ECS does not know it, five minutes after its event', { cluster, taskId });
    return 'nothing';
  }
  const isIncomplete = observation.kind === 'unknown' && observation.error instanceof AnswerIncomplete;
  if (isIncomplete && age >= PATIENCE_MILLISECONDS) {
    const problem = describeError(observation.error);
    report.warn('task is not scraped until an event or resync finds what is missing', { cluster, taskId, problem });
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
