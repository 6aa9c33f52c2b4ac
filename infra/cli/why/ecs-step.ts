/** What ECS says of a task. */

import type { Task } from '../../../functions/discovery/task/task.ts';
import type { ObservedTask } from '../../../functions/look-up/observe-tasks.ts';
import { errorText } from '../account/error-text.ts';
import { timeOf } from '../terminal/times.ts';
import { adviceOnError } from './advice.ts';
import { failed, passed, type Step } from './explained-task.ts';

const STEP = 'ECS';

export const notWatched = (cluster: string, watched: readonly string[]): Step =>
  failed(
    STEP,
    `cluster ${cluster} is not watched by this deployment, only ${watched.join(', ') || 'none'}`,
    'Add the cluster to the setting clusters and deploy, or name the deployment that watches it with --deployment.',
  );

/** @param event the newest event of the task, where there is one */
export function ecsStep({ observation, task }: ObservedTask, event?: Task): Step {
  switch (observation.kind) {
    case 'stopped':
      return failed(STEP, stoppedText(task ?? event));
    case 'missing':
      return event
        ? failed(
            STEP,
            'an event names the task, and ECS does not know it yet',
            'Nothing: it is asked again for five minutes.',
          )
        : failed(STEP, 'ECS does not know the task: it stopped more than about an hour ago, or it never was');
    case 'starting':
      return failed(
        STEP,
        `${task?.lastStatus ?? 'it starts'}: the task does not run yet`,
        'Wait until it is RUNNING; about a second later it is scraped.',
      );
    case 'unknown':
      return task
        ? passed(STEP, runningText(task))
        : failed(STEP, errorText(observation.error), adviceOnError(observation.error));
    default:
      return passed(STEP, task ? runningText(task) : 'RUNNING');
  }
}

const stoppedText = (task: Task | undefined): string => {
  if (task === undefined) return 'the task has stopped';
  const since = task.stoppingAt === undefined ? '' : ` since ${timeOf(task.stoppingAt)}`;
  return task.lastStatus === 'STOPPED'
    ? `STOPPED${since}${task.started ? '' : '; it never ran'}`
    : `${task.lastStatus}, and told to stop${since}`;
};

const runningText = (task: Task): string =>
  [
    task.lastStatus,
    task.service === undefined ? `no service${task.group ? ` (group ${task.group})` : ''}` : `service ${task.service}`,
    `task definition ${lastPart(task.taskDefinitionArn)}`,
    ...(task.launchType === undefined ? [] : [task.launchType]),
    ...(task.healthStatus === undefined ? [] : [task.healthStatus]),
  ].join(', ');

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
