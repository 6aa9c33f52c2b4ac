/** What several files, or several shards, say together. */

/** What is said of tasks. */
export type Said = ReadonlyMap<string, string>;

/** What a reader sees anew: new targets of tasks, or undefined for those that are gone. */
export type Changes = ReadonlyMap<string, string | undefined>;

export class Union {
  readonly #parts = new Map<string, Said>();
  readonly #all = new Map<string, string>();
  /** The parts that speak of each task: there may be a hundred others. */
  readonly #speaking = new Map<string, Set<string>>();

  get parts(): Iterable<Said> {
    return this.#parts.values();
  }

  clear(): void {
    this.#parts.clear();
    this.#all.clear();
    this.#speaking.clear();
  }

  /**
   * A part says something else from now on.
   *
   * @param said undefined where the part is gone
   */
  replace(part: string, said: Said = new Map()): Changes {
    const before = this.#parts.get(part) ?? new Map<string, string>();
    this.#parts.set(part, said);
    const changes = new Map<string, string | undefined>();
    for (const id of new Set([...before.keys(), ...said.keys()])) {
      const speaking = this.#speaking.get(id) ?? new Set();
      if (said.has(id)) speaking.add(part);
      else speaking.delete(part);
      this.#speaking.set(id, speaking);
      const now = this.#of(id);
      if (now === this.#all.get(id)) continue;
      changes.set(id, now);
      if (now === undefined) this.#all.delete(id);
      else this.#all.set(id, now);
    }
    return changes;
  }

  /** Of a task in two parts, what is seen already counts until it stands nowhere. */
  #of(id: string): string | undefined {
    let found: string | undefined;
    const seen = this.#all.get(id);
    for (const part of this.#speaking.get(id) ?? []) {
      const targets = this.#parts.get(part)?.get(id);
      if (targets !== undefined && targets === seen) return targets;
      found ??= targets;
    }
    return found;
  }
}
