/** EventBridge's rules: from events of ECS to queues, at least once, in no order, and sometimes late or never. */
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import type { Delivery } from './delivery.ts';
import type { Surroundings } from './simulated-service.ts';
import type { SimulatedQueue } from './sqs-queue.ts';

/** What the rules look at. */
export interface RuleInput {
  readonly cluster: string;
  readonly lastStatus: string;
  readonly desiredStatus: string;
}

export interface Rule {
  readonly matches: (event: RuleInput) => boolean;
  readonly queue: SimulatedQueue;
}

interface Recipient {
  readonly isDown: boolean;
  readonly send: (body: string) => unknown;
}

/** Retries of a queue that is down go on for 24 hours, with longer and longer pauses (EventBridge user guide). */
const RETRY = { first: 1000, longest: 10 * 60 * 1000 };
const LATE = 3 * 60 * 1000;
/** One in ten of the late events is this late. */
const VERY_LATE = 2 * 60 * 60 * 1000;

export class SimulatedEventBridge {
  readonly rules: Rule[] = [];
  readonly #world: Surroundings;
  readonly #random: Random;
  readonly #faults: () => Faults;
  readonly #delivery: Delivery;
  /** Called with each event that never arrives. */
  onLoss: (body: string) => void = () => {};
  /** Copies that are still to be delivered. */
  underWay = 0;

  constructor(world: Surroundings, random: Random, faults: () => Faults, delivery: Delivery) {
    this.#world = world;
    this.#random = random;
    this.#faults = faults;
    this.#delivery = delivery;
  }

  /** @param body makes the text of the event, which most events of ECS need not have */
  put(event: RuleInput, body: () => string): void {
    for (const { queue } of this.rules.filter(({ matches }) => matches(event))) this.#deliver(queue, body());
  }

  /** From the bus of another account and Region to this one, as late, as often, and with as many losses. */
  forward(event: RuleInput, body: () => string): void {
    if (!this.rules.some(({ matches }) => matches(event))) return;
    this.#deliver({ isDown: false, send: (text) => this.put(event, () => text) }, body());
  }

  #deliver(queue: Recipient, body: string): void {
    const random = this.#random;
    const faults = this.#faults();
    if (random.chance(faults.lost)) {
      this.onLoss(body);
      return;
    }
    const copies = random.chance(faults.duplicated) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const late = random.chance(faults.late) ? random.int(0, random.chance(10) ? VERY_LATE : LATE) : 0;
      this.underWay++;
      this.#tryAfter(late + random.int(this.#delivery.least, this.#delivery.most), queue, body, RETRY.first);
    }
  }

  #tryAfter(milliseconds: number, queue: Recipient, body: string, pause: number): void {
    this.#world.after(milliseconds, () => {
      if (queue.isDown) {
        this.#tryAfter(pause, queue, body, Math.min(RETRY.longest, 2 * pause));
        return;
      }
      this.underWay--;
      queue.send(body);
    });
  }
}
