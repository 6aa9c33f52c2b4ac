/** What goes wrong, each in percent of the cases. */
export interface Faults {
  /** An event, or a message of SNS, is delivered twice. */
  readonly duplicated: number;
  /** It is late by up to three minutes, an event now and then by two hours, and so overtaken by others. */
  readonly late: number;
  /** An event never arrives. */
  readonly lost: number;
  /** SQS hands one message to two consumers, or hands out again what was deleted. */
  readonly twice: number;
  /** A message that is no task event is in the queue. */
  readonly poison: number;
  /** A process dies at a request or a sleep. */
  readonly crash: number;
  /** AWS refuses a request: throttled, or an error of its own. */
  readonly refused: number;
  /** A request has its effect, but the answer does not arrive. */
  readonly unanswered: number;
  /** A request is on its way for seconds, longer than its sender waits. */
  readonly slow: number;
  /** A read shows the past. */
  readonly stale: number;
  /** DescribeTasks does not say anything of a task, or gives another failure than MISSING; SNS refuses an entry. */
  readonly partial: number;
  /** DescribeTasks says MISSING of a task for minutes after it came to run. */
  readonly missing: number;
  /** ListTasks is behind DescribeTasks by up to a minute, or leaves a task out. */
  readonly contradictory: number;
  /** An asynchronous operation of Cloud Map fails. */
  readonly failedOperation: number;
  /** An asynchronous operation of Cloud Map takes up to 90 s. */
  readonly slowOperation: number;
}

export const NO_FAULTS: Faults = {
  duplicated: 0,
  late: 0,
  lost: 0,
  twice: 0,
  poison: 0,
  crash: 0,
  refused: 0,
  unanswered: 0,
  slow: 0,
  stale: 0,
  partial: 0,
  missing: 0,
  contradictory: 0,
  failedOperation: 0,
  slowOperation: 0,
};

/** SSM and ECS are consistent within this many milliseconds, but for {@link Faults.missing} and contradictions. */
export const LONGEST_LAG = 2000;
/** A request that is slow is on its way for up to this many milliseconds. */
export const LONGEST_WAY = 15_000;
