/** EventBridge's rules: from events of ECS to queues, at least once, in no order, and sometimes late or never. */
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import { Deliveries, type Recipient } from './deliveries.ts';
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

/** Retries of a queue that is down go on for 24 hours, with longer and longer pauses (EventBridge user guide). */
const RETRY = { first: 1000, longest: 10 * 60 * 1000 };
const LATE = 3 * 60 * 1000;
/** One in ten of the late events is this late. */
const VERY_LATE = 2 * 60 * 60 * 1000;

export class SimulatedEventBridge {
  readonly rules: Rule[] = [];
  readonly #random: Random;
  readonly #faults: () => Faults;
  readonly #delivery: Delivery;
  readonly #deliveries: Deliveries;
  /** Called with each event that never arrives. */
  onLoss: (body: string) => void = () => {};

  constructor(world: Surroundings, random: Random, faults: () => Faults, delivery: Delivery) {
    this.#random = random;
    this.#faults = faults;
    this.#delivery = delivery;
    this.#deliveries = new Deliveries(world, RETRY);
  }

  /** Copies that are still to be delivered. */
  get underWay(): number {
    return this.#deliveries.underWay;
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
      this.#deliveries.begin(late + random.int(this.#delivery.least, this.#delivery.most), queue, body);
    }
  }
}
