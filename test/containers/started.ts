import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program that runs, and everything that it prints. */
export interface Started {
  readonly child: ChildProcessWithoutNullStreams;
  readonly output: () => string;
  /** Its exit code and the signal that ended it. */
  readonly exit: Promise<[number | null, string | null]>;
}

/** Starts Node with these arguments, as a container does. */
export function startNode(
  parameters: readonly string[],
  options: { readonly cwd?: string; readonly env: Readonly<Record<string, string>> },
): Started {
  const child = spawn(process.execPath, parameters, options);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  return { child, output: () => output, exit: once(child, 'close') as Started['exit'] };
}
