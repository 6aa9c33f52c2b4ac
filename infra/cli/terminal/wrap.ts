/**
 * A text in lines that a terminal shows as they are, the second and further ones below the first.
 *
 * @param indent how many columns are used up before the text
 */
export function wrap(text: string, indent: number, columns: number): string {
  const width = Math.max(30, columns - indent);
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines.join(`\n${' '.repeat(indent)}`);
}

/** Where the output is no terminal, lines have no end. */
export const columnsOf = ({ columns, isTTY }: NodeJS.WriteStream): number =>
  isTTY ? columns || 80 : Number.POSITIVE_INFINITY;
