/** EventBridge: delivers to queues at least once, in no order, and sometimes late or never. */
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import { AwsError } from './aws-error.ts';
import type { Input, SimulatedService, Surroundings } from './simulated-service.ts';

/** How long it takes from a change to its message in the queue, in milliseconds. */
export interface Delivery {
  readonly least: number;
  readonly most: number;
}

const LATE = 3 * 60 * 1000;
/** One in ten of the late events is this late. */
const VERY_LATE = 2 * 60 * 60 * 1000;

export class SimulatedEventBridge implements SimulatedService {
  readonly #world: Surroundings;
  readonly #random: Random;
  readonly #faults: () => Faults;
  readonly #delivery: Delivery;
  /** Rules of target-syncs: what takes the events that were put. */
  readonly subscribers: ((body: string) => void)[] = [];
  /** Events that were put and never arrived. */
  lost = 0;
  /** Events that are still to be delivered. */
  underWay = 0;

  constructor(world: Surroundings, random: Random, faults: () => Faults, delivery: Delivery) {
    this.#delivery = delivery;
    this.#world = world;
    this.#random = random;
    this.#faults = faults;
  }

  /** @returns false when the event will never arrive */
  deliver(to: (body: string) => void, body: string): boolean {
    const random = this.#random;
    const faults = this.#faults();
    if (random.chance(faults.lost)) return false;
    const copies = random.chance(faults.duplicated) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const late = random.chance(faults.late) ? random.int(0, random.chance(10) ? VERY_LATE : LATE) : 0;
      this.underWay++;
      this.#world.after(late + random.int(this.#delivery.least, this.#delivery.most), () => {
        this.underWay--;
        to(body);
      });
    }
    return true;
  }

  handle(command: string, input: Input): unknown {
    if (command !== 'PutEvents') throw new AwsError('UnknownOperation', command);
    const entries = input['Entries'] as { Source: string; DetailType: string; Detail: string }[];
    for (const { Source, DetailType, Detail } of entries) {
      const body = JSON.stringify({ source: Source, 'detail-type': DetailType, detail: JSON.parse(Detail) });
      for (const subscriber of this.subscribers) if (!this.deliver(subscriber, body)) this.lost++;
    }
    return { FailedEntryCount: 0, Entries: entries.map(() => ({ EventId: 'e' })) };
  }
}
