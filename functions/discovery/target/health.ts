/** Whether a task may be scraped as far as its health goes, where the settings ask for that. */
import { incomplete, type Rejection, reject } from '../selection/rejection.ts';
import type { Task } from '../task/task.ts';
import type { TaskDefinition } from '../task/task-definition.ts';

/**
 * ECS takes the health of a task from the health checks of its essential containers. It is UNKNOWN without one, but also
 * while one has not decided yet (ECS API reference, Task). Events do not have it, only DescribeTasks has.
 */
export function problemOfHealth(task: Task, definition: TaskDefinition): Rejection | undefined {
  if (!definition.hasHealthCheck || task.healthStatus === 'HEALTHY') return undefined;
  return task.healthStatus === 'UNHEALTHY'
    ? reject('unhealthy', 'ECS says that the task is UNHEALTHY, and the setting healthyOnly is on')
    : incomplete('unhealthy', 'the health check of the task has not decided yet, and the setting healthyOnly is on');
}
