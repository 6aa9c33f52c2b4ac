import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { guardGroup, releaseGroup } from './orphan-guard.ts';

/** A long-running program of the local run: its own process group, its output in a file. */
export interface Child {
  readonly name: string;
  readonly pid: number;
  readonly log: string;
  /** How it ended: `exit code 1`, `signal SIGKILL`; never settles while it runs, never rejects. */
  readonly ended: Promise<string>;
  readonly running: () => boolean;
  /** Ends the whole group: SIGTERM, then SIGKILL after the grace period (milliseconds). */
  readonly stop: (grace?: number) => Promise<void>;
  /** Ends the whole group at once with SIGKILL, as a crash would. */
  readonly kill: () => void;
}

export interface ChildOptions {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** File that standard output and error are appended to. */
  readonly log: string;
  readonly directory?: string;
}

/** Sends a signal to all of a process group; false when nobody of it is left. */
export const signalGroup = (group: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false; // ESRCH: nobody of the group is left.
  }
};

const spawned = (child: ChildProcess, name: string): Promise<number> =>
  new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child.pid ?? 0));
    child.once('error', (cause) => reject(new Error(`${name} could not be started: ${cause.message}`, { cause })));
  });

/** Waits until nobody of the group is left; false when somebody is after `milliseconds`. */
const groupGone = async (group: number, milliseconds: number): Promise<boolean> => {
  const deadline = Date.now() + milliseconds;
  while (signalGroup(group, 0)) {
    if (Date.now() > deadline) return false;
    await sleep(20);
  }
  return true;
};

/** Starts a program in a process group of its own and returns once it exists. */
export const startChild = async (options: ChildOptions): Promise<Child> => {
  mkdirSync(dirname(options.log), { recursive: true });
  const log = openSync(options.log, 'a');
  const child = spawn(options.command, options.arguments, {
    detached: true,
    stdio: ['ignore', log, log],
    env: options.environment,
    ...(options.directory === undefined ? {} : { cwd: options.directory }),
  });
  closeSync(log);
  const ended = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `signal ${signal}`));
  });
  const pid = await spawned(child, options.name);
  guardGroup(pid);
  let stopping: Promise<void> | undefined;
  const end = async (grace: number): Promise<void> => {
    signalGroup(pid, 'SIGTERM');
    if (!(await groupGone(pid, grace))) signalGroup(pid, 'SIGKILL');
    await groupGone(pid, 2_000);
    releaseGroup(pid);
  };
  return {
    name: options.name,
    pid,
    log: options.log,
    ended,
    running: () => child.exitCode === null && child.signalCode === null,
    stop: (grace = 5_000) => {
      stopping ??= end(grace);
      return stopping;
    },
    kill: () => {
      signalGroup(pid, 'SIGKILL');
    },
  };
};
