import type { Task } from './model.ts';
import { attachments, commonParts, times } from './task-parts.ts';

export const TASK_STATE_CHANGE = { source: 'aws.ecs', detailType: 'ECS Task State Change' } as const;

const text = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** The `detail` of an ECS Task State Change event, as in the recorded events of Fargate tasks. */
export const taskEventDetail = (task: Task) => ({
  attachments: attachments(task, 'eni'),
  ...commonParts(task),
  ...times(task, text),
  updatedAt: text(task.updatedAt),
  enableExecuteCommand: false,
  ephemeralStorage: { sizeInGiB: 20 },
});
