/** How a history is set up. */
import type { ParameterTier } from '../../functions/discovery/shard/shard-codec.ts';
import type { Delivery } from './aws/event-bridge.ts';
import { type Faults, NO_FAULTS } from './faults.ts';
import { TASK_CHANGE } from './lambda.ts';

export interface SimulationSettings {
  readonly seed: number;
  readonly clusters: readonly string[];
  readonly shards: number;
  readonly shardTier: ParameterTier;
  readonly faults: Faults;
  readonly concurrency: number;
  readonly batchSize: number;
  /** Of EventBridge, when it is well. */
  readonly delivery: Delivery;
  /** PutParameter requests a second that the account allows. */
  readonly ssmWrites: number;
  /** target-syncs, each with its own queue; none: only the parameters are read. */
  readonly collectors: number;
}

export const DEFAULTS: Omit<SimulationSettings, 'seed'> = {
  clusters: ['prod'],
  shards: 2,
  shardTier: 'Advanced',
  faults: NO_FAULTS,
  concurrency: TASK_CHANGE.concurrency,
  batchSize: TASK_CHANGE.batchSize,
  delivery: { least: 50, most: 500 },
  ssmWrites: 3,
  collectors: 1,
};
