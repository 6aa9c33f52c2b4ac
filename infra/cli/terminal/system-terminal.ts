import type { Terminal } from '../session.ts';
import { columnsOf } from './wrap.ts';

export interface SystemTerminal extends Terminal {
  readonly printError: (line: string) => void;
  /** Nothing goes on any more. */
  readonly done: () => void;
}

const CLEAR_LINE = '\r\u001b[2K';

/** The terminal of this process. What goes on is shown on the side of errors, so that a pipe gets the answer alone. */
export function systemTerminal(): SystemTerminal {
  const { stdout, stderr } = process;
  // `| head` closes the pipe: nobody wants the rest.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  let isShowing = false;
  const done = (): void => {
    if (isShowing) stderr.write(CLEAR_LINE);
    isShowing = false;
  };
  return {
    columns: columnsOf(stdout),
    print: (...lines) => {
      done();
      stdout.write(lines.map((line) => `${line}\n`).join(''));
    },
    printError: (line) => {
      done();
      stderr.write(`${line}\n`);
    },
    progress: (text) => {
      if (!stderr.isTTY) return;
      stderr.write(`${CLEAR_LINE}${text.slice(0, (stderr.columns || 80) - 1)}`);
      isShowing = true;
    },
    done,
  };
}
