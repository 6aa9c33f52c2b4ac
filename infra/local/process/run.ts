import { type ChildProcess, spawn } from 'node:child_process';
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';
import { signalGroup } from './child.ts';
import { guardGroup, releaseGroup } from './orphan-guard.ts';

export interface RunOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory?: string;
  /** File that the output is appended to, whatever becomes of the program. */
  readonly log?: string;
  /** Ends the program and those that it started; the wait is over when they have ended. */
  readonly signal?: AbortSignal | undefined;
}

/** A program that was run to its end failed. The message ends with the last lines it printed. */
export class ProgramFailedError extends Error {
  override readonly name = 'ProgramFailedError';
}

const lastLines = (said: string, lines: number): string => said.trimEnd().split('\n').slice(-lines).join('\n');

/** Undefined where it exits with 0, after its output was closed. */
const failureOf = (child: ChildProcess): Promise<Error | undefined> =>
  new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', (code, signal) => resolve(code === 0 ? undefined : new Error(signal ?? `exit code ${code}`)));
  });

/**
 * Runs a program to its end and returns its standard output.
 *
 * @throws {@link ProgramFailedError} when it cannot be started or exits other than with 0.
 */
export const run = async (command: string, arguments_: readonly string[], options: RunOptions): Promise<string> => {
  const { environment, directory, log, signal } = options;
  if (log !== undefined) await mkdir(dirname(log), { recursive: true });
  const child = spawn(command, arguments_, {
    ...{ env: environment, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
    ...(directory !== undefined && { cwd: directory }),
  });
  const { pid } = child;
  const stop = (): void => {
    if (pid !== undefined) signalGroup(pid, 'SIGTERM');
  };
  if (pid !== undefined) guardGroup(pid);
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop);
  const [failure, stdout, stderr] = await Promise.all([failureOf(child), text(child.stdout), text(child.stderr)]);
  signal?.removeEventListener('abort', stop);
  if (pid !== undefined) releaseGroup(pid);
  if (log !== undefined) await appendFile(log, `${stdout}${stderr}`);
  if (failure === undefined && !signal?.aborted) return stdout;
  const said = lastLines(`${stdout}\n${stderr}`, 12);
  const where = log === undefined ? '' : `\nAll of it: ${log}`;
  throw new ProgramFailedError(`\`${[command, ...arguments_].join(' ')}\` failed:\n${said}${where}`, {
    cause: failure ?? signal?.reason,
  });
};

/** Whether a program is there and can say its version: one that was damaged cannot. */
export const canRun = (command: string): Promise<boolean> =>
  run(command, ['--version'], { environment: process.env }).then(
    () => true,
    () => false,
  );
