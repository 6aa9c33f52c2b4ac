/**
 * A program that runs in the simulation: a Lambda's execution environment, or target-sync. All that it awaits, requests
 * to AWS and sleeps, goes through here, so that it can be slow, fail, or be the last thing the program ever did.
 */
import type { Clock } from '../../functions/discovery/clock.ts';
import type { Surface } from './surface.ts';

export class Program {
  readonly name: string;
  readonly surface: Surface;
  #alive = true;
  #waits = 0;
  #awaited = 0;
  #diesAt = Number.POSITIVE_INFINITY;
  #onDeath: () => void = () => {};
  readonly #atDeath = new Set<() => void>();

  constructor(name: string, surface: Surface) {
    this.name = name;
    this.surface = surface;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Whether it waits for anything simulated. */
  get isWaiting(): boolean {
    return this.#waits > 0;
  }

  /** Lets it die at the n-th thing that it awaits from now on. */
  dieAt(n: number, onDeath: () => void): void {
    this.#diesAt = this.#awaited + n;
    this.#onDeath = onDeath;
  }

  live(): void {
    this.#diesAt = Number.POSITIVE_INFINITY;
  }

  /** Nothing that it awaits ever arrives from now on; requests that are under way still have their effect. */
  die(): void {
    this.#alive = false;
    for (const act of this.#atDeath) act();
    this.#atDeath.clear();
  }

  /** Dies of what {@link dieAt} asked for. */
  perish(): void {
    this.die();
    this.#onDeath();
  }

  /** @param skew milliseconds by which the clock of its host is wrong */
  clock(skew = 0): Clock {
    const { scheduler, random } = this.surface;
    return {
      now: () => scheduler.now() + skew,
      random: () => random.next(),
      sleep: (milliseconds, ...signals) =>
        signals.length > 0 ? this.waitUnless(milliseconds, signals) : this.wait(milliseconds),
    };
  }

  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.begin();
      if (this.isLast()) return this.perish();
      this.surface.scheduler.after(milliseconds, () => this.resume(resolve));
    });
  }

  /** Waits, or less when one of the signals aborts. */
  waitUnless(milliseconds: number, signals: readonly AbortSignal[]): Promise<void> {
    return this.until((resume) => {
      let isOver = false;
      const end = (): void => {
        if (isOver) return;
        isOver = true;
        for (const signal of signals) signal.removeEventListener('abort', end);
        resume();
      };
      if (signals.some(({ aborted }) => aborted)) return end();
      this.surface.scheduler.after(milliseconds, end);
      for (const signal of signals) signal.addEventListener('abort', end);
    });
  }

  /** A moment that takes no time, at which it may die all the same. */
  instant(): Promise<void> {
    if (this.#alive && this.isLast()) this.perish();
    return this.#alive ? Promise.resolve() : new Promise(() => {});
  }

  /** Waits for something that may never come. */
  until(register: (resume: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.begin();
      register(() => this.resume(resolve));
    });
  }

  /** It waits for something; each of these needs one {@link resume}. */
  begin(): void {
    this.#waits++;
  }

  /** What it waited for is there, or failed: goes on, unless it is dead. */
  resume(go: () => void): void {
    if (!this.#alive) return;
    this.#waits--;
    this.surface.scheduler.touch();
    go();
  }

  /** Counts a thing that it awaits. */
  isLast(): boolean {
    return ++this.#awaited === this.#diesAt;
  }

  /** @returns takes the wish back */
  whenItDies(act: () => void): () => void {
    this.#atDeath.add(act);
    return () => this.#atDeath.delete(act);
  }
}
