import { stripVTControlCharacters } from 'node:util';

/** Lines at the end of a terminal that are drawn again as they change; in a log file, each line once it is final. */
export interface LiveBlock {
  /** The lines as they are now; new ones come at the end. */
  readonly show: (lines: readonly Line[]) => void;
  /** Whatever is shown from now on is a new block below. */
  readonly end: () => void;
}

export interface Line {
  readonly text: string;
  /** It will not change any more. */
  readonly final: boolean;
}

const up = (rows: number): string => (rows === 0 ? '' : `\u001b[${rows}A`);
const CLEAR_BELOW = '\u001b[J';

/** What lines take on the screen: a terminal breaks those that are wider than it is. */
const rowsOf = (lines: readonly string[], columns: number): number =>
  lines
    .flatMap((line) => line.split('\n'))
    .reduce((rows, line) => rows + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)), 0);

/** Something at the end of a terminal. */
interface Drawn {
  readonly erase: () => void;
  readonly draw: () => void;
}

/** What a terminal shows at its end now. */
const showing = new WeakMap<NodeJS.WriteStream, Drawn>();

/** From now on {@link printLine} prints above it, until the function that is returned is called. */
export const keepAtEnd = (output: NodeJS.WriteStream, drawn: Drawn): (() => void) => {
  showing.set(output, drawn);
  return () => {
    if (showing.get(output) === drawn) showing.delete(output);
  };
};

/** What has scrolled away cannot be drawn again, so no more is drawn than the screen holds. */
const fits = (lines: readonly string[], { rows, columns }: NodeJS.WriteStream): boolean =>
  rowsOf(lines, columns) < rows;

const onTerminal = (output: NodeJS.WriteStream): LiveBlock => {
  /** Lines at the beginning that are final and were left to scroll away. */
  let left = 0;
  let pending: readonly string[] = [];
  let drawn: readonly string[] = [];
  let columns = output.columns;
  const write = (lines: readonly string[]): void => {
    output.write(lines.map((line) => `${line}\n`).join(''));
  };
  const erase = (): void => {
    // Where the width has changed, some terminals break the lines anew and some do not. Nothing above is to be erased.
    const rows = Math.min(rowsOf(drawn, columns), rowsOf(drawn, output.columns), output.rows - 1);
    output.write(`${up(rows)}${CLEAR_BELOW}`);
  };
  const draw = (): void => {
    drawn = pending;
    while (drawn.length > 0 && !fits(drawn, output)) drawn = drawn.slice(1);
    columns = output.columns;
    write(drawn);
  };
  const kept = { erase, draw };
  return {
    show: (lines) => {
      const rest = lines.slice(left);
      const texts = rest.map(({ text }) => text);
      if (texts.join('\n') === pending.join('\n') && columns === output.columns) return;
      erase();
      const stays = rest.findIndex(({ final }, index) => !final || fits(texts.slice(index), output));
      const scrolls = stays === -1 ? rest.length : stays;
      write(texts.slice(0, scrolls));
      left += scrolls;
      pending = texts.slice(scrolls);
      draw();
      keepAtEnd(output, kept);
    },
    end: () => {
      if (showing.get(output) === kept) showing.delete(output);
      if (drawn.length < pending.length) {
        erase();
        write(pending);
      }
      [left, pending, drawn] = [0, [], []];
    },
  };
};

const inLog = (output: NodeJS.WriteStream): LiveBlock => {
  const printed = new Set<string>();
  return {
    show: (lines) => {
      for (const { text, final } of lines) {
        if (!final || printed.has(text)) continue;
        printed.add(text);
        output.write(`${text}\n`);
      }
    },
    end: () => printed.clear(),
  };
};

/** A terminal that does not say how large it is cannot be drawn on. */
export const liveBlock = (output: NodeJS.WriteStream = process.stdout): LiveBlock =>
  output.isTTY && output.rows > 0 && output.columns > 0 ? onTerminal(output) : inLog(output);

/** Prints a line that belongs to no block; above what is at the end of the terminal, if something is. */
export const printLine = (line: string, output: NodeJS.WriteStream = process.stdout): void => {
  const last = showing.get(output);
  last?.erase();
  output.write(`${line}\n`);
  last?.draw();
};
