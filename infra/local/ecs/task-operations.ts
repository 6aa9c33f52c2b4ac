import { nameOf, taskArn } from './arn.ts';
import type { ControlPlane } from './control-plane.ts';
import { invalidParameter } from './errors.ts';
import type { Task } from './model.ts';
import { pageOf } from './paging.ts';
import type { Operations } from './requests.ts';
import { findService } from './service-operations.ts';
import { describedAs } from './shown-task.ts';
import { findTaskDefinition } from './task-definition-operations.ts';
import { taskDescription } from './task-description.ts';
import { taskAt } from './task-history.ts';
import type { View } from './view.ts';

/** Most tasks in one DescribeTasks and most instances in one DescribeContainerInstances (ECS API reference). */
const LARGEST_DESCRIBE = 100;

export const counted = (references: readonly string[], what: string): readonly string[] => {
  if (references.length === 0) throw invalidParameter(`${what} cannot be empty.`);
  if (references.length > LARGEST_DESCRIBE)
    throw invalidParameter(`${what} can have at most ${LARGEST_DESCRIBE} items.`);
  return references;
};

/** What ECS says of a request with one such id. */
const anId = (id: string): string => {
  if (![32, 36].includes(id.length)) throw invalidParameter('taskId length should be one of [32,36]');
  return id;
};

const missing = (arn: string) => ({ arn, reason: 'MISSING' });

type TaskOperations = Pick<Operations, 'ListTasks' | 'DescribeTasks' | 'RunTask' | 'StopTask'>;

export const taskOperations = (plane: ControlPlane, view: View): TaskOperations => ({
  // PENDING is accepted and finds nothing: ECS never sets a desired status to it (ECS API reference).
  ListTasks: ({ serviceName, family, desiredStatus, ...page }) => {
    const service = serviceName === undefined ? undefined : findService(plane, serviceName).name;
    const asOf = view.asOf();
    const matches = (task: Task): boolean =>
      taskAt(task, asOf)?.desiredStatus === desiredStatus &&
      (service === undefined || task.service === service) &&
      (family === undefined || task.taskDefinition.family === family) &&
      view.lists(task);
    const { items, ...next } = pageOf(plane.tasks().filter(matches), page);
    return { taskArns: items.map(({ arn }) => arn), ...next };
  },

  DescribeTasks: ({ tasks: references }) => {
    const asOf = view.asOf();
    const tasks: object[] = [];
    const failures: object[] = [];
    for (const id of counted(references, 'Tasks').map(nameOf).map(anId)) {
      const arn = taskArn(plane.cluster, id);
      const known = plane.task(id);
      const task = known && taskAt(known, asOf);
      switch (view.describes(id)) {
        case 'task':
          if (task === undefined) failures.push(missing(arn));
          else tasks.push(task.shownAs ? describedAs(task.shownAs) : taskDescription(task));
          break;
        case 'missing':
          failures.push(missing(arn));
          break;
        case 'failure':
          failures.push({ arn, reason: 'INTERNAL', detail: 'Try again.' });
          break;
        case 'nothing':
          break;
      }
    }
    return { tasks, failures };
  },

  RunTask: ({ taskDefinition: reference, count }) => {
    const taskDefinition = findTaskDefinition(plane, reference);
    const tasks = Array.from({ length: count }, () => plane.runTask({ taskDefinition }));
    return { tasks: tasks.map(taskDescription), failures: [] };
  },

  StopTask: ({ task: reference, reason }) => {
    const task = plane.task(nameOf(reference));
    if (task === undefined) throw invalidParameter('The referenced task was not found.');
    void plane.stopTask(task, reason ?? 'Task stopped by user');
    return { task: taskDescription(task) };
  },
});
