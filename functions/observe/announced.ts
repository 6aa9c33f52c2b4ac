/** What a warm function has announced: ECS repeats an event on every change of a container. */
import type { TaskChange } from '../discovery/change/change.ts';
import { isStopped, type Task, type TaskId } from '../discovery/task/task.ts';

export interface Announced {
  /** Whether an event says nothing beyond what was announced. */
  covers(task: Task): boolean;
  remember(change: TaskChange, task: Task): void;
}

/** Far more tasks than one function sees between two cold starts; a task takes some hundred bytes. */
const MOST = 20_000;

interface Entry {
  readonly isStopped: boolean;
  readonly version: number;
  /** What of the task decides on its targets; undefined where that can change while it runs. */
  readonly content: string | undefined;
}

export function createAnnounced(): Announced {
  const entries = new Map<TaskId, Entry>();
  return {
    covers(task) {
      const known = entries.get(task.id);
      if (!known) return false;
      if (known.isStopped) return true;
      if (isStopped(task)) return false;
      return task.version <= known.version || (known.content !== undefined && known.content === contentOf(task));
    },
    remember({ taskId, kind, version }, task) {
      entries.delete(taskId);
      entries.set(taskId, { isStopped: kind === 'stop', version, content: contentOf(task) });
      if (entries.size > MOST) for (const oldest of entries.keys()) return void entries.delete(oldest);
    },
  };
}

/**
 * In bridge mode Docker may give a container another port when it starts again, and back again: then a version counts,
 * even where its content was announced before.
 */
function contentOf({
  address,
  containers,
  service,
  taskDefinitionArn,
  containerInstanceArn,
}: Task): string | undefined {
  if (containers.some(({ networkBindings }) => networkBindings.length > 0)) return undefined;
  return JSON.stringify([address, service, taskDefinitionArn, containerInstanceArn]);
}
