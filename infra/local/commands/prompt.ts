/** The prompt of the running system: a command a line, until Ctrl-D. */
import { createInterface, type Interface } from 'node:readline/promises';
import { CommanderError } from 'commander';
import { red } from '../../cli/terminal/paint.ts';
import { keepAtEnd, printLine } from '../terminal/live-block.ts';
import { completion, type NamedTask } from './completion.ts';
import type { LocalProgram } from './local-program.ts';

export interface PromptOptions {
  /** They print by {@link printLine}. */
  readonly commands: LocalProgram;
  /** That can be named. */
  readonly tasks: () => readonly NamedTask[];
  readonly signal: AbortSignal;
  /** Hears of Ctrl-C. */
  readonly interrupted: () => void;
  readonly input?: NodeJS.ReadStream;
  readonly output?: NodeJS.WriteStream;
}

export const PROMPT = 'local> ';

const WORDS_THAT_END: readonly (string | undefined)[] = ['exit', 'quit'];

/** Until Ctrl-D, `exit` or the signal. */
export const runPrompt = async (options: PromptOptions): Promise<void> => {
  const { commands, tasks, signal, interrupted, input = process.stdin, output = process.stdout } = options;
  const lines = createInterface({
    ...{ input, output, terminal: true, prompt: PROMPT, signal },
    completer: (line: string) => completion(commands.program, line, tasks()),
  });
  lines.on('SIGINT', interrupted);
  // Ctrl-D while a command runs: the lines that were typed before it are still run.
  let isClosed = false;
  lines.once('close', () => {
    isClosed = true;
  });
  let hide = showPrompt(lines, output);
  for await (const line of lines) {
    hide();
    const words = line.trim().split(/\s+/).filter(Boolean);
    if (WORDS_THAT_END.includes(words[0])) break;
    if (words.length > 0) await runWords(commands, words, output);
    if (!isClosed) hide = showPrompt(lines, output);
  }
  hide();
  lines.close();
};

/** Lines that are printed meanwhile come above it, and what is typed already stays. */
const showPrompt = (lines: Interface, output: NodeJS.WriteStream): (() => void) => {
  let rows = 0;
  lines.prompt();
  return keepAtEnd(output, {
    erase: () => {
      ({ rows } = lines.getCursorPos());
      output.moveCursor(0, -rows);
      output.cursorTo(0);
      output.clearScreenDown();
    },
    draw: () => {
      // Readline goes up to the first row of what it drew last.
      output.write('\n'.repeat(rows));
      lines.prompt(true);
    },
  });
};

const runWords = async ({ run }: LocalProgram, words: readonly string[], output: NodeJS.WriteStream): Promise<void> => {
  try {
    await run(words);
  } catch (error) {
    // What was typed wrong, commander has said already.
    if (error instanceof CommanderError) return;
    printLine(red(error instanceof Error ? error.message : String(error)), output);
  }
};
