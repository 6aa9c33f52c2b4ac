/** Messages on their way to queues: late, as often as it takes while a queue is down, and counted until they are there. */
import type { Surroundings } from './simulated-service.ts';

export interface Recipient {
  /** It takes nothing now. */
  readonly isDown: boolean;
  readonly send: (body: string) => unknown;
}

/** Milliseconds until the first try again; each pause is twice the one before, up to the longest. */
interface Retry {
  readonly first: number;
  readonly longest: number;
}

export class Deliveries {
  readonly #world: Surroundings;
  readonly #retry: Retry;
  #underWay = 0;

  constructor(world: Surroundings, retry: Retry) {
    this.#world = world;
    this.#retry = retry;
  }

  /** Copies that are still to be delivered. */
  get underWay(): number {
    return this.#underWay;
  }

  begin(milliseconds: number, recipient: Recipient, body: string): void {
    this.#underWay++;
    this.#tryAfter(milliseconds, recipient, body, this.#retry.first);
  }

  #tryAfter(milliseconds: number, recipient: Recipient, body: string, pause: number): void {
    this.#world.after(milliseconds, () => {
      if (recipient.isDown) {
        this.#tryAfter(pause, recipient, body, Math.min(this.#retry.longest, 2 * pause));
        return;
      }
      this.#underWay--;
      recipient.send(body);
    });
  }
}
