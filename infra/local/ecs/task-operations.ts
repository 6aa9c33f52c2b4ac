import { nameOf, taskArn } from './arn.ts';
import type { ControlPlane } from './control-plane.ts';
import { invalidParameter } from './errors.ts';
import type { Task } from './model.ts';
import { pageOf } from './paging.ts';
import type { Operations } from './requests.ts';
import { findService } from './service-operations.ts';
import { taskDescription } from './task-description.ts';

/** Most tasks in one DescribeTasks and most instances in one DescribeContainerInstances (ECS API reference). */
const LARGEST_DESCRIBE = 100;

const counted = (references: readonly string[], what: string): readonly string[] => {
  if (references.length === 0) throw invalidParameter(`${what} cannot be empty.`);
  if (references.length > LARGEST_DESCRIBE)
    throw invalidParameter(`${what} can have at most ${LARGEST_DESCRIBE} items.`);
  return references;
};

const missing = (arn: string) => ({ arn, reason: 'MISSING' });

type TaskOperations = Pick<Operations, 'ListTasks' | 'DescribeTasks' | 'StopTask' | 'DescribeContainerInstances'>;

export const taskOperations = (plane: ControlPlane): TaskOperations => ({
  // PENDING is accepted and finds nothing: ECS never sets a desired status to it (ECS API reference).
  ListTasks: ({ serviceName, family, desiredStatus, ...page }) => {
    const service = serviceName === undefined ? undefined : findService(plane, serviceName).name;
    const matches = (task: Task): boolean =>
      task.desiredStatus === desiredStatus &&
      (service === undefined || task.service === service) &&
      (family === undefined || task.taskDefinition.family === family);
    const { items, ...next } = pageOf(plane.tasks().filter(matches), page);
    return { taskArns: items.map(({ arn }) => arn), ...next };
  },

  DescribeTasks: ({ tasks: references }) => {
    const found = counted(references, 'Tasks').map((reference) => plane.task(nameOf(reference)) ?? reference);
    return {
      tasks: found.filter((it) => typeof it !== 'string').map(taskDescription),
      failures: found.filter((it) => typeof it === 'string').map((it) => missing(taskArn(plane.cluster, nameOf(it)))),
    };
  },

  StopTask: ({ task: reference, reason }) => {
    const task = plane.task(nameOf(reference));
    if (task === undefined) throw invalidParameter('The referenced task was not found.');
    void plane.stopTask(task, reason ?? 'Task stopped by user');
    return { task: taskDescription(task) };
  },

  // Every task here has its own network interface, as on Fargate; there are no container instances.
  DescribeContainerInstances: ({ containerInstances }) => ({
    containerInstances: [],
    failures: counted(containerInstances, 'Container instances').map(missing),
  }),
});
