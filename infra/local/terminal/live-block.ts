import { stripVTControlCharacters } from 'node:util';

/** Lines at the end of a terminal that are drawn again as they change; in a log file, each line once it is final. */
export interface LiveBlock {
  /** The lines as they are now. */
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
/** Smaller terminals cannot hold the largest block, and what has scrolled away cannot be drawn again. */
const ROWS_NEEDED = 20;
/** The tables are as wide as this: in a narrower terminal each of their lines would take two rows. */
const COLUMNS_NEEDED = 78;

/** What lines take on the screen: a terminal breaks those that are wider than it is. */
const rowsOf = (lines: readonly string[], columns: number): number =>
  lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)), 0);

interface Drawn {
  readonly erase: () => void;
  readonly draw: () => void;
}

/** The block that a terminal shows now. */
const showing = new WeakMap<NodeJS.WriteStream, Drawn>();

const onTerminal = (output: NodeJS.WriteStream): LiveBlock => {
  let drawn: string[] = [];
  const erase = (): void => {
    output.write(`${up(rowsOf(drawn, output.columns))}${CLEAR_BELOW}`);
  };
  const draw = (): void => {
    output.write(drawn.map((text) => `${text}\n`).join(''));
  };
  return {
    show: (lines) => {
      const texts = lines.flatMap(({ text }) => text.split('\n'));
      if (texts.join('\n') === drawn.join('\n')) return;
      erase();
      drawn = texts;
      draw();
      showing.set(output, { erase, draw });
    },
    end: () => {
      drawn = [];
      showing.delete(output);
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

export const liveBlock = (output: NodeJS.WriteStream = process.stdout): LiveBlock =>
  output.isTTY && output.rows >= ROWS_NEEDED && output.columns >= COLUMNS_NEEDED ? onTerminal(output) : inLog(output);

/** Prints a line that belongs to no block; above the one that is being drawn, if one is. */
export const printLine = (line: string, output: NodeJS.WriteStream = process.stdout): void => {
  const block = showing.get(output);
  block?.erase();
  output.write(`${line}\n`);
  block?.draw();
};
