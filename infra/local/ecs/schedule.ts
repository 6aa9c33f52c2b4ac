/** What the scheduler of ECS does about a service. */
import type { Service, Task } from './model.ts';

export interface Rollout {
  /** Tasks of the service's task definition to start. */
  readonly starts: number;
  readonly stops: readonly Task[];
}

/**
 * Starts what is missing and stops what is too much. A new revision is rolled out as with a maximum of 200 %: its tasks
 * start beside the old ones, which stop when all of them run.
 *
 * @param tasks of the service that are to run
 */
export const rolloutOf = ({ taskDefinition }: Service, desiredCount: number, tasks: readonly Task[]): Rollout => {
  const current = tasks.filter((task) => task.taskDefinition === taskDefinition);
  const outdated = tasks.filter((task) => task.taskDefinition !== taskDefinition);
  const missing = desiredCount - current.length;
  const running = current.filter((task) => task.lastStatus === 'RUNNING').length;
  const surplus = missing < 0 ? current.slice(missing) : [];
  return { starts: Math.max(0, missing), stops: running >= desiredCount ? [...outdated, ...surplus] : surplus };
};

/** The container instance with fewest of the tasks. */
export const leastUsed = (containerInstances: Iterable<string>, tasks: readonly Task[]): string | undefined => {
  const tasksOn = (id: string): number => tasks.filter(({ containerInstance }) => containerInstance === id).length;
  return [...containerInstances].sort((a, b) => tasksOn(a) - tasksOn(b))[0];
};
