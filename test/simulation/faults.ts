/** What goes wrong, each in percent of the cases. */
export interface Faults {
  /** An event is delivered twice. */
  readonly duplicated: number;
  /** An event is late by up to three minutes, now and then by two hours, and so overtaken by others. */
  readonly late: number;
  /** An event never arrives. */
  readonly lost: number;
  /** A message that is no task event is in the queue. */
  readonly poison: number;
  /** A process dies at a request or a sleep. */
  readonly crash: number;
  /** AWS refuses a request: throttled, or an error of its own. */
  readonly refused: number;
  /** A request has its effect, but the answer does not arrive. */
  readonly unanswered: number;
  /** A request is on its way for seconds. */
  readonly slow: number;
  /** A read shows the past. */
  readonly stale: number;
  /** DescribeTasks does not say anything of a task, or gives another failure than MISSING. */
  readonly partial: number;
  /** An asynchronous operation of Cloud Map fails. */
  readonly failedOperation: number;
}

export const NO_FAULTS: Faults = {
  duplicated: 0,
  late: 0,
  lost: 0,
  poison: 0,
  crash: 0,
  refused: 0,
  unanswered: 0,
  slow: 0,
  stale: 0,
  partial: 0,
  failedOperation: 0,
};

/** SSM and ECS are consistent within this many milliseconds. */
export const LONGEST_LAG = 2000;
/** A request that is slow is on its way for up to this many milliseconds. */
export const LONGEST_WAY = 15_000;
