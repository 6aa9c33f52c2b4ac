/** The states of a task, kept so that it can be described as it was: reads of ECS are eventually consistent. */
import type { Task, TaskState } from './model.ts';

/** A copy of what changes of a task. */
const stateOf = (task: TaskState): TaskState => ({
  lastStatus: task.lastStatus,
  desiredStatus: task.desiredStatus,
  version: task.version,
  updatedAt: task.updatedAt,
  startedAt: task.startedAt,
  stoppingAt: task.stoppingAt,
  stoppedAt: task.stoppedAt,
  stopCode: task.stopCode,
  stoppedReason: task.stoppedReason,
  exitCode: task.exitCode,
  exitReason: task.exitReason,
  bindings: task.bindings,
});

/** Adds what a task is now to its history. */
export const remember = (task: Task): void => {
  task.history.push(stateOf(task));
};

/** A task as it was at a time; undefined before it was created. */
export const taskAt = (task: Task, time: number): Task | undefined => {
  if (task.updatedAt <= time) return task;
  const state = task.history.findLast(({ updatedAt }) => updatedAt <= time);
  return state && { ...task, ...state };
};

/** A task as it was at a version. */
export const taskAtVersion = (task: Task, version: number): Task => ({ ...task, ...task.history[version - 1] });
