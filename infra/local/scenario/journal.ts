/** When each task came to run and when it was told to stop: what the times of all stages are counted from. */
import type { Task } from '../ecs/model.ts';

export interface Journal {
  /** Hears of each change of a task. */
  readonly record: (task: Task) => void;
  /** Tasks that came to run, that failed to, or that ran and were told to stop, since a moment; in order. */
  readonly since: (moment: number) => readonly Change[];
}

export interface Change {
  readonly taskId: string;
  /** Name of its service, or the family of a task on its own. */
  readonly workload: string;
  readonly kind: 'comes' | 'fails' | 'goes';
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Why a task stops that nobody told to. */
const BY_ITSELF: readonly (string | undefined)[] = ['TaskFailedToStart', 'EssentialContainerExited'];

export const createJournal = (): Journal => {
  const changes: Change[] = [];
  const running = new Set<string>();
  const stopping = new Set<string>();
  return {
    record: ({ id, service, taskDefinition, lastStatus, desiredStatus, stopCode, updatedAt }) => {
      const note = (kind: Change['kind']): void => {
        changes.push({ taskId: id, workload: service ?? taskDefinition.family, kind, at: updatedAt });
      };
      if (lastStatus === 'RUNNING' && desiredStatus === 'RUNNING' && !running.has(id)) {
        running.add(id);
        note('comes');
      }
      if (desiredStatus === 'STOPPED' && !stopping.has(id)) {
        stopping.add(id);
        if (running.has(id)) note('goes');
        else if (BY_ITSELF.includes(stopCode)) note('fails');
      }
    },
    since: (moment) => changes.filter(({ at }) => at >= moment),
  };
};
