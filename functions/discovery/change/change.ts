/** What was observed of one task: the statement that every consumer acts on. */
import type { TaskTargets } from '../target/task-targets.ts';
import type { TaskId } from '../task/task.ts';

/** Where a statement stands among others about the same task; see {@link isNewer} in order.ts. */
export interface Stamp {
  readonly kind: 'upsert' | 'stop' | 'deselect';
  /** Version of the task that was observed, as ECS counts it. */
  readonly version: number;
  /** When it was observed, in whole seconds since 1970: an observation is never younger than this says. */
  readonly observed: number;
}

/** The task runs and offers these targets. */
export interface Upsert extends Stamp {
  readonly kind: 'upsert';
  readonly taskId: TaskId;
  readonly targets: TaskTargets;
}

/** The task stopped; it never comes back. */
export interface Stop extends Stamp {
  readonly kind: 'stop';
  readonly taskId: TaskId;
  /** Name of its ECS service, if it has one: where it may be registered. */
  readonly service?: string;
}

/** The task runs, but nothing selects it any more; it may come back. */
export interface Deselect extends Stamp {
  readonly kind: 'deselect';
  readonly taskId: TaskId;
  readonly service?: string;
}

export type TaskChange = Upsert | Stop | Deselect;

/** Milliseconds since 1970 as a stamp counts them. */
export const toSeconds = (milliseconds: number): number => Math.floor(milliseconds / 1000);
