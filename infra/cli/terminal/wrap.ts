import { stripVTControlCharacters } from 'node:util';

/** How many columns a text takes up. */
export const widthOf = (text: string): number => stripVTControlCharacters(text).length;

/**
 * A text in lines that a terminal shows as they are, the second and further ones below the first.
 *
 * @param indent how many columns are used up before the text
 */
export const wrap = (text: string, indent: number, columns: number): string =>
  wrapped(text, Math.max(30, columns - indent)).join(`\n${' '.repeat(indent)}`);

/** @param width columns of each line; a word that is longer stays whole */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** Where the output is no terminal, lines have no end. */
export const columnsOf = ({ columns, isTTY }: NodeJS.WriteStream): number =>
  isTTY ? columns || 80 : Number.POSITIVE_INFINITY;
