import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child.ts';

/** Milliseconds before a program that ended is started again: ECS restarts a container as soon as it can. */
const RESTART_AFTER = 1_000;

export interface KeptRunning {
  /** The process that runs now, or ran last. */
  readonly process: () => Child;
  readonly start: () => Promise<void>;
}

/**
 * Starts a program again whenever it ends, as ECS does with a container that has a restart policy.
 *
 * @param report - told in a line each time.
 * @returns what ends the watch, before the program is ended on purpose.
 */
export const keepRunning = (name: string, kept: KeptRunning, report: (line: string) => void): (() => void) => {
  const watching = new AbortController();
  const watch = async (): Promise<void> => {
    for (;;) {
      const how = await kept.process().ended;
      if (watching.signal.aborted) return;
      report(`${name} ended (${how}) and is started again.`);
      await sleep(RESTART_AFTER);
      if (watching.signal.aborted) return;
      await kept.start().catch((error) => report(`${name} could not be started: ${error}`));
    }
  };
  void watch();
  return () => watching.abort();
};
