/** What happened, and the part of it that has to do with one task, for people. */

interface Note {
  readonly time: number;
  /** Who did it: a Lambda's environment, ECS, a collector, a person. */
  readonly who: string;
  readonly what: string;
  readonly taskId?: string;
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

  /** One line for each note that concerns a task, with what else those who had to do with it did: `+12.345 s  who  what`. */
  about(taskId: string | undefined): string {
    const concerned = new Set(this.#notes.filter((note) => note.taskId === taskId).map(({ who }) => who));
    return this.#notes
      .filter((note) => (note.taskId === undefined ? concerned.has(note.who) : note.taskId === taskId))
      .map((note) => this.#line(note))
      .join('\n');
  }

  /** All of it, each line with the beginning of its task's id. */
  all(): string {
    return this.#notes.map((note) => `${this.#line(note)} ${note.taskId?.slice(0, 8) ?? ''}`).join('\n');
  }

  #line({ time, who, what }: Note): string {
    return `+${((time - this.#start) / 1000).toFixed(3).padStart(9)} s  ${who.padEnd(14)} ${what}`;
  }

  /** All of it in a few characters: equal histories have equal prints. */
  fingerprint(): string {
    let hash = 0x811c9dc5;
    for (const { time, who, what } of this.#notes) {
      const text = `${time}${who}${what}`;
      for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193) >>> 0;
    }
    return `${this.#notes.length}-${hash.toString(16)}`;
  }
}
