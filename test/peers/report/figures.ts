/** What one run of the comparison measured. */
import type { SideId } from '../sides/side.ts';

/** Seconds from the first change in which calls, CPU and memory are counted: whole refreshes of all that ask. */
export const CHANGE_WINDOW = 120;
/** Seconds in which nothing changes, and the same is counted. */
export const QUIET_WINDOW = 60;

/** What a discovery did in a while. */
export interface Effort {
  /** By API, such as `ecs DescribeTasks`. */
  readonly calls: Readonly<Record<string, number>>;
  /** How many of them were above AWS's limits. */
  readonly refused: number;
  /** By process. */
  readonly usage: Readonly<Record<string, { readonly cpuSeconds: number; readonly peakMiB: number }>>;
}

export interface SideFigures {
  /** Targets that it listed before the changes began. */
  readonly listed: number;
  /** From each change to the list, of those that it showed. */
  readonly seconds: readonly number[];
  /** Changes that it did not show before the end, and stops of tasks that it had never listed. */
  readonly never: number;
  /** Within {@link QUIET_WINDOW}. */
  readonly quiet: Effort;
  /** Within {@link CHANGE_WINDOW}. */
  readonly changing: Effort;
}

export interface FaultFigures {
  readonly what: string;
  /** Tasks that ran all the time. */
  readonly running: number;
  /** Running tasks, listed before the fault, that were not for a second or longer during the fault. */
  readonly lost: Readonly<Record<SideId, number>>;
  /** Those whose process ended by it. */
  readonly ended: readonly SideId[];
  /** Those that took the task that stopped at its beginning off the list before its end. */
  readonly stopSeen: readonly SideId[];
}

export interface FleetFigures {
  readonly tasks: number;
  readonly services: number;
  readonly shards: number;
  readonly changes: number;
  readonly sides: Readonly<Record<SideId, SideFigures>>;
  readonly faults: readonly FaultFigures[];
}

export interface Comparison {
  /** Year, month, day. */
  readonly date: string;
  readonly command: string;
  readonly versions: Readonly<Record<SideId, string>>;
  readonly machine: string;
  /** Programs that wanted a core before it began, on average: what else ran on the machine. */
  readonly load: number;
  /** Its priority: below 0 it went before what else ran. */
  readonly nice: number;
  /** Calls of a day without changes of this project, by tasks, of docs/bench.md. */
  readonly simulatedDay: Readonly<Record<string, number>>;
  readonly fleets: readonly FleetFigures[];
}
