/** The state of a deployment. */
import type { AlarmOn } from '../account/alarms-on.ts';
import type { Reason } from '../account/dead-letters.ts';
import type { QueueState } from '../account/queues.ts';
import type { Retry } from '../account/retries.ts';

/** A queue on the way of a change, from ECS to the collectors. */
export interface WaitingQueue extends Pick<QueueState, 'visible' | 'inFlight' | 'age'> {
  readonly queue: string;
  /** What is wrong with it. */
  readonly problem?: string;
}

/** Messages that a function cannot handle now. */
export interface RetriedMessages extends Retry {
  readonly of: 'observe' | 'store' | 'register';
}

export interface DeadLetters {
  readonly of: string;
  readonly messages: number;
  /** Of the first ten at most. */
  readonly reasons: readonly Reason[];
}

export interface ShardLine {
  readonly cluster: string;
  readonly shard: number;
  readonly version: number;
  readonly tasks: number;
  readonly targets: number;
  /** In percent. */
  readonly fullness: number;
  readonly problem?: string;
}

export interface Status {
  readonly queues: readonly WaitingQueue[];
  readonly retried: readonly RetriedMessages[];
  readonly deadLetters: readonly DeadLetters[];
  readonly shards: readonly ShardLine[];
  readonly alarms: readonly AlarmOn[];
  /** What AWS did not say. */
  readonly unknown: readonly string[];
}
