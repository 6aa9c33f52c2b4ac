/** When each task came to run and when it was told to stop: what the times of all stages are counted from. */
import type { Task } from '../ecs/model.ts';

export interface Journal {
  /** Hears of each change of a task. */
  readonly record: (task: Task) => void;
  /** Tasks that came to run, or that ran and were told to stop, since a moment; in order. */
  readonly since: (moment: number) => readonly Change[];
}

export interface Change {
  readonly taskId: string;
  readonly kind: 'comes' | 'goes';
  /** Milliseconds since 1970. */
  readonly at: number;
}

export const createJournal = (): Journal => {
  const changes: Change[] = [];
  const running = new Set<string>();
  const stopping = new Set<string>();
  return {
    record: ({ id, lastStatus, desiredStatus, updatedAt }) => {
      if (lastStatus === 'RUNNING' && desiredStatus === 'RUNNING' && !running.has(id)) {
        running.add(id);
        changes.push({ taskId: id, kind: 'comes', at: updatedAt });
      }
      if (desiredStatus === 'STOPPED' && running.has(id) && !stopping.has(id)) {
        stopping.add(id);
        changes.push({ taskId: id, kind: 'goes', at: updatedAt });
      }
    },
    since: (moment) => changes.filter(({ at }) => at >= moment),
  };
};
