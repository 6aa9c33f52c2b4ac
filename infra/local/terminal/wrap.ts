import { columnsOf, wrap as wrapAfter } from '../../cli/terminal/wrap.ts';

/** A text without colours in indented lines that the terminal shows as they are; one line where the output is a file. */
export const wrap = (text: string, indent: string): string =>
  `${indent}${wrapAfter(text, indent.length, columnsOf(process.stdout))}`;
