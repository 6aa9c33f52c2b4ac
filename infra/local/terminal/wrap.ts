/**
 * Breaks a text at its spaces into indented lines that a terminal shows as they are; one without end where the output is
 * a file. The text has no colours of its own, and a word that is longer than a line stays whole.
 */
export const wrap = (
  text: string,
  indent: string,
  columns = process.stdout.columns || Number.POSITIVE_INFINITY,
): string => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent.length + line.length + 1 + word.length > columns) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `${indent}${one}`).join('\n');
};
