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

const up = (lines: number): string => (lines === 0 ? '' : `\u001b[${lines}A`);
const CLEAR_BELOW = '\u001b[J';
/** Smaller terminals cannot hold the largest block, and what has scrolled away cannot be drawn again. */
const ROWS_NEEDED = 20;

const onTerminal = (output: NodeJS.WriteStream): LiveBlock => {
  let drawn: string[] = [];
  return {
    show: (lines) => {
      const texts = lines.flatMap(({ text }) => text.split('\n'));
      if (texts.join('\n') === drawn.join('\n')) return;
      output.write(`${up(drawn.length)}${CLEAR_BELOW}${texts.map((text) => `${text}\n`).join('')}`);
      drawn = texts;
    },
    end: () => {
      drawn = [];
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
  output.isTTY && output.rows >= ROWS_NEEDED ? onTerminal(output) : inLog(output);
