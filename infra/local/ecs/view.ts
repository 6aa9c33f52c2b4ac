/** How a reader sees the tasks: ECS is eventually consistent, and answers of some tasks nothing. */
import type { Task } from './model.ts';

export interface View {
  /** Up to when a request knows what happened, in milliseconds since 1970; asked once a request. */
  readonly asOf: () => number;
  readonly lists: (task: Task) => boolean;
  /** `missing` is what DescribeTasks says of a task that it does not know, `failure` that it could not look. */
  readonly describes: (taskId: string) => 'task' | 'missing' | 'failure' | 'nothing';
}

export const CONSISTENT: View = {
  asOf: () => Number.POSITIVE_INFINITY,
  lists: () => true,
  describes: () => 'task',
};
