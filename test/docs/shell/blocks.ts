/** What the pages give to a shell: their `sh` blocks, and the commands between backticks, in the order of reading. */
import { PAGES } from '../pages.ts';

export interface Block {
  readonly page: string;
  /** One command each, without comments; what hangs together over several lines stays so. */
  readonly lines: readonly string[];
}

/** A block, or a command of a program that a reader is to run, between backticks. */
const SHELL = /^( *)```sh\n(?<block>.*?)^\1```$|^( *)```.*?^\3```$|`(?<quoted>(?:aws|npx) [a-z][^`\n]*)`/gms;

/** What a page leaves to the reader. An id such as `vpc-…` is no such thing. */
const IS_LEFT_OPEN = /(?<!\w-)…/;

const linesOf = (text: string): string[] =>
  text
    .replaceAll(/ +# .*$/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const found = [...PAGES].flatMap(([page, text]) =>
  [...text.matchAll(SHELL)].flatMap(({ groups: { block, quoted } = {} }) => {
    if (block !== undefined) return [{ page, lines: linesOf(block), isQuoted: false }];
    return quoted === undefined || IS_LEFT_OPEN.test(quoted) ? [] : [{ page, lines: [quoted], isQuoted: true }];
  }),
);

const whole = new Set(found.filter(({ isQuoted }) => !isQuoted).flatMap(({ lines }) => lines));

/** A quotation that a block begins with, too, only speaks of that command. */
const isMention = (line: string): boolean => [...whole].some((it) => it === line || it.startsWith(`${line} `));

export const BLOCKS: readonly Block[] = found
  .filter(({ lines, isQuoted }) => !(isQuoted && lines.every(isMention)))
  .map(({ page, lines }) => ({ page, lines }));
