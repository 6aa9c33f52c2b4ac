import { execFile } from 'node:child_process';
import { appendFile, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface RunOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly directory?: string;
  /** File that the output is appended to, whatever becomes of the program. */
  readonly log?: string;
  /** Ends the program; the wait is over when it has ended. */
  readonly signal?: AbortSignal;
}

/** A program that was run to its end failed. The message ends with the last lines it printed. */
export class ProgramFailedError extends Error {
  override readonly name = 'ProgramFailedError';
}

const lastLines = (text: string, lines: number): string => text.trimEnd().split('\n').slice(-lines).join('\n');

/**
 * Runs a program to its end and returns its standard output.
 *
 * @throws {@link ProgramFailedError} when it cannot be started or exits other than with 0.
 */
export const run = async (command: string, arguments_: readonly string[], options: RunOptions): Promise<string> => {
  if (options.log !== undefined) await mkdir(dirname(options.log), { recursive: true });
  const result = await new Promise<{ error: Error | null; stdout: string; stderr: string }>((resolve) => {
    const child = execFile(
      command,
      [...arguments_],
      {
        env: options.environment,
        maxBuffer: 64 * 1024 * 1024,
        ...(options.directory === undefined ? {} : { cwd: options.directory }),
        ...(options.signal === undefined ? {} : { signal: options.signal }),
      },
      (error, stdout, stderr) => {
        const over = () => resolve({ error, stdout, stderr });
        // A program that was told to end has not ended yet, and may still write where somebody is about to clean up.
        const isThere = child.pid !== undefined && child.exitCode === null && child.signalCode === null;
        if (isThere) child.once('exit', over);
        else over();
      },
    );
  });
  if (options.log !== undefined) await appendFile(options.log, `${result.stdout}${result.stderr}`);
  if (result.error !== null) {
    const said = lastLines(`${result.stdout}\n${result.stderr}`, 12);
    const where = options.log === undefined ? '' : `\nAll of it: ${options.log}`;
    throw new ProgramFailedError(`\`${[command, ...arguments_].join(' ')}\` failed:\n${said}${where}`, {
      cause: result.error,
    });
  }
  return result.stdout;
};

/** Whether a program is there and can say its version: one that was damaged cannot. */
export const canRun = (command: string): Promise<boolean> =>
  run(command, ['--version'], { environment: process.env }).then(
    () => true,
    () => false,
  );
