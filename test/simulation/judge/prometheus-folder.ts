/**
 * A folder of target files as Prometheus' file_sd reads it: every *.json, all groups of all files together; a file that
 * cannot be read leaves what it said before, a file that is gone takes its targets along.
 */
import type { Place } from './place.ts';
import { byTask, type Group } from './target-groups.ts';
import { type Said, Union } from './union.ts';
import type { Blame } from './violation.ts';

export class PrometheusFolder {
  readonly place: Place;
  readonly #blame: Blame;
  readonly #name: string;
  readonly #files = new Union();

  constructor(name: string, place: Place, blame: Blame) {
    this.#name = name;
    this.place = place;
    this.#blame = blame;
  }

  /** @param content undefined where the file is gone */
  fileChanged(file: string, content: string | undefined): void {
    if (!file.endsWith('.json')) return;
    const tasks = content === undefined ? new Map<string, string>() : this.#read(file, content);
    if (tasks) this.place.changed(this.#files.replace(file, tasks));
  }

  /** The volume is gone, with all that was on it. */
  wiped(): void {
    this.#files.clear();
    this.place.forget();
  }

  /** Tasks that more than one file shows would be scraped twice. */
  mustShowEachOnce(): void {
    const seen = new Set<string>();
    for (const tasks of this.#files.parts) {
      for (const id of tasks.keys()) {
        if (seen.has(id)) this.#blame('convergence', `${this.#name} shows a task in two files`, id);
        seen.add(id);
      }
    }
  }

  #read(file: string, content: string): Said | undefined {
    try {
      return byTask(JSON.parse(content) as Group[]);
    } catch {
      this.#blame('atomicity', `${this.#name}: ${file} is half written`);
      return undefined;
    }
  }
}
