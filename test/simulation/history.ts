/** What happened, and the part of it that has to do with one task, for people. */

import { decodeShard } from '../../functions/discovery/shard/shard-codec.ts';
import { shardOfTask } from '../../functions/discovery/shard/shard-of-task.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';

interface Note {
  readonly time: number;
  /** Who did it: a Lambda invocation, ECS, the reader. */
  readonly who: string;
  readonly what: string;
  readonly taskId?: string;
  readonly shard?: number;
  /** Text of a shard that was written. */
  readonly document?: string;
}

export class History {
  readonly #notes: Note[] = [];
  readonly #start: number;

  constructor(start: number) {
    this.#start = start;
  }

  note(note: Note): void {
    this.#notes.push(note);
  }

  /** One line for each event that concerns a task: `+12.345 s  who  what`. */
  about(taskId: TaskId | undefined, shards: number): string {
    const home = taskId === undefined ? undefined : shardOfTask(taskId, shards);
    const concerned = new Set(this.#notes.filter((note) => note.taskId === taskId).map(({ who }) => who));
    return this.#notes
      .filter((note) => {
        if (taskId === undefined) return note.taskId === undefined;
        if (note.taskId !== undefined) return note.taskId === taskId;
        return note.shard === undefined ? concerned.has(note.who) : note.shard === home;
      })
      .map((note) => this.#line(note, taskId))
      .join('\n');
  }

  #line({ time, who, what, document }: Note, taskId: TaskId | undefined): string {
    const seconds = ((time - this.#start) / 1000).toFixed(3).padStart(9);
    return `+${seconds} s  ${who.padEnd(14)} ${what}${document === undefined ? '' : stateIn(document, taskId)}`;
  }

  /** All of it in a few characters: equal histories have equal prints. */
  fingerprint(): string {
    let hash = 0x811c9dc5;
    for (const { time, who, what, document = '' } of this.#notes) {
      const text = `${time}${who}${what}${document}`;
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
    }
    return `${this.#notes.length}-${hash.toString(16)}`;
  }
}

function stateIn(document: string, taskId: TaskId | undefined): string {
  try {
    const { base, shard } = decodeShard(document);
    const targets = taskId === undefined ? undefined : shard.tasks.get(taskId);
    const until = taskId === undefined ? undefined : shard.stopped.get(taskId);
    const task = targets ? `task at v${targets.version}` : until === undefined ? 'task absent' : 'task stopped';
    return ` (base ${base}, ${shard.tasks.size} tasks; ${task})`;
  } catch {
    return ' (unreadable)';
  }
}
