/**
 * A program that runs in the simulation: a Lambda's execution environment, or target-sync. All that it awaits, requests
 * to AWS and sleeps, goes through here, so that it can be slow, fail, or be the last thing the program ever did.
 */
import type { Clock } from '../../functions/discovery/clock.ts';
import { AwsError, throttled } from './aws/aws-error.ts';
import type { Input, SimulatedService } from './aws/simulated-service.ts';
import { type Faults, LONGEST_WAY } from './faults.ts';
import type { Random } from './random.ts';
import type { Scheduler } from './scheduler.ts';

export interface Surface {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: () => Faults;
  /** Told of every request that reaches a service, and how it ended. */
  readonly onRequest: (program: Program, command: string, input: Input, outcome: Outcome) => void;
}

/** `ghost`: done, but long after its sender gave it up. */
export type Outcome = 'done' | 'ghost' | AwsError;

/** The clients of the product give a request up after five seconds (functions/aws/clients.ts). */
const GIVE_UP = 5000;
/** One way to AWS or back, in milliseconds. */
const WAY = { least: 3, most: 25 };
const RETRIED = [
  'ThrottlingException',
  'TooManyUpdates',
  'RequestLimitExceeded',
  'InternalServerError',
  'TimeoutError',
];

export class Program {
  readonly name: string;
  readonly #surface: Surface;
  #alive = true;
  #waits = 0;
  #awaited = 0;
  #diesAt = Number.POSITIVE_INFINITY;
  #onDeath: () => void = () => {};

  constructor(name: string, surface: Surface) {
    this.name = name;
    this.#surface = surface;
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
  }

  clock(skew = 0): Clock {
    const { scheduler, random } = this.#surface;
    return {
      now: () => scheduler.now() + skew,
      random: () => random.next(),
      sleep: (milliseconds) => this.wait(milliseconds),
    };
  }

  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#waits++;
      if (this.#isLast()) return this.#perish();
      this.#surface.scheduler.after(milliseconds, () => this.#resume(resolve));
    });
  }

  /** A moment that takes no time, at which it may die all the same. */
  instant(): Promise<void> {
    if (this.#alive && this.#isLast()) this.#perish();
    return this.#alive ? Promise.resolve() : new Promise(() => {});
  }

  /** Waits for something that may never come. */
  until(register: (resume: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#waits++;
      register(() => this.#resume(resolve));
    });
  }

  /**
   * Sends a request as the SDK does.
   *
   * @param attempts how often it is tried where trying again may help
   */
  request(service: SimulatedService, command: string, input: Input, attempts: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#waits++;
      this.#attempt(service, command, input, attempts, 1, resolve, reject);
    });
  }

  #attempt(
    service: SimulatedService,
    command: string,
    input: Input,
    attempts: number,
    attempt: number,
    resolve: (answer: unknown) => void,
    reject: (error: unknown) => void,
  ): void {
    if (!this.#alive) return;
    const { scheduler, random } = this.#surface;
    const faults = this.#surface.faults();
    const isLast = this.#isLast();
    if (isLast && random.chance(50)) {
      this.#perish();
      return;
    }

    const there = random.chance(faults.slow) ? random.int(500, LONGEST_WAY) : random.int(WAY.least, WAY.most);
    const back = random.int(WAY.least, WAY.most);
    const isAnswered = !random.chance(faults.unanswered);
    let isOver = false;
    const end = (error: AwsError | undefined, answer: unknown): void => {
      if (isOver || !this.#alive) return;
      isOver = true;
      if (error === undefined) this.#resume(() => resolve(answer));
      else if (attempt >= attempts || !RETRIED.includes(error.name)) this.#resume(() => reject(error));
      else {
        const pause = Math.min(5000, 100 * 2 ** attempt) * (0.5 + random.next() / 2);
        scheduler.after(pause, () => this.#attempt(service, command, input, attempts, attempt + 1, resolve, reject));
      }
    };
    scheduler.after(there, () => {
      const { error, answer } = this.#serve(service, command, input, there >= GIVE_UP);
      if (isAnswered && there + back < GIVE_UP) scheduler.after(back, () => end(error, answer));
    });
    if (!isAnswered || there + back >= GIVE_UP) {
      scheduler.after(GIVE_UP, () => end(new AwsError('TimeoutError', `${command} was not answered`), undefined));
    }
    if (isLast) this.#perish();
  }

  #serve(
    service: SimulatedService,
    command: string,
    input: Input,
    isGhost: boolean,
  ): { error?: AwsError; answer?: unknown } {
    const { random, onRequest } = this.#surface;
    try {
      if (random.chance(this.#surface.faults().refused)) {
        throw random.chance(50) ? throttled() : new AwsError('InternalServerError');
      }
      const answer = service.handle(command, input);
      onRequest(this, command, input, isGhost ? 'ghost' : 'done');
      return { answer };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      onRequest(this, command, input, error);
      return { error };
    }
  }

  #resume(go: () => void): void {
    if (!this.#alive) return;
    this.#waits--;
    this.#surface.scheduler.touch();
    go();
  }

  #isLast(): boolean {
    return ++this.#awaited === this.#diesAt;
  }

  #perish(): void {
    this.die();
    this.#onDeath();
  }
}
