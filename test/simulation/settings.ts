/** How a history is set up. */
import type { Delivery } from './aws/delivery.ts';
import { type Faults, NO_FAULTS } from './faults.ts';

export interface SimulationSettings {
  readonly seed: number;
  readonly clusters: readonly string[];
  readonly shards: number;
  readonly faults: Faults;
  /** Of EventBridge and of SNS, when they are well. */
  readonly eventDelivery: Delivery;
  readonly topicDelivery: Delivery;
  /** PutParameter requests a second that the account allows. */
  readonly ssmWrites: number;
  /** Lambda executions at once that the account allows. */
  readonly concurrency: number;
  /** Collectors, each with a target-sync, a queue and a volume of its own. */
  readonly collectors: number;
  /** Milliseconds after which Lambda ends a resync. */
  readonly resyncTimeout: number;
  /** The clock of a collector's host is wrong by up to so many milliseconds, that of a Lambda by half a second. */
  readonly clockSkew: number;
}

export const DEFAULTS: Omit<SimulationSettings, 'seed'> = {
  clusters: ['prod'],
  shards: 2,
  faults: NO_FAULTS,
  eventDelivery: { least: 50, most: 500 },
  topicDelivery: { least: 20, most: 150 },
  ssmWrites: 3,
  concurrency: 10,
  collectors: 1,
  resyncTimeout: 900_000,
  clockSkew: 60_000,
};
