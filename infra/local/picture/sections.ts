import { stripVTControlCharacters } from 'node:util';

/**
 * The parts of a run that are shown, in this order: each from its heading to the next empty line.
 *
 * @throws where there is no such heading
 */
export function sections(output: string, headings: readonly string[]): string[] {
  const lines = output.split('\n');
  return headings.flatMap((heading, index) => {
    const start = lines.findIndex((line) => stripVTControlCharacters(line).includes(heading));
    if (start < 0) throw new Error(`the run says nothing of "${heading}":\n${stripVTControlCharacters(output)}`);
    const length = lines.slice(start).findIndex((line) => stripVTControlCharacters(line).trim() === '');
    const found = lines.slice(start, length < 0 ? undefined : start + length);
    return index === 0 ? found : ['', ...found];
  });
}
