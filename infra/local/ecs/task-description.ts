import type { Task } from './model.ts';
import { attachments, commonParts, times } from './task-parts.ts';

/** AWS JSON 1.1 writes times as seconds since 1970. */
export const seconds = (milliseconds: number): number => milliseconds / 1000;

/** An element of DescribeTasks' `tasks`. */
export const taskDescription = (task: Task) => ({
  attachments: attachments(task, 'ElasticNetworkInterface'),
  ...commonParts(task),
  ...times(task, seconds),
  healthStatus: task.health ?? 'UNKNOWN',
  tags: [],
});
