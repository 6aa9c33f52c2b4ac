/** Rows in columns as wide as they have to be. */
import { stripVTControlCharacters } from 'node:util';
import { dim } from './paint.ts';

/** A row; a cell that is empty shows as such. */
export type Row = readonly (string | number | undefined)[];

/** @param head names of the columns */
export function table(head: readonly string[], rows: readonly Row[]): string[] {
  const texts = rows.map((row) => head.map((_, index) => String(row[index] ?? '')));
  const widths = head.map((name, index) => Math.max(name.length, ...texts.map((row) => widthOf(row[index] ?? ''))));
  const isNumber = head.map(
    (_, index) => rows.length > 0 && rows.every((row) => typeof row[index] === 'number' || row[index] === undefined),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, index) => {
        const gap = ' '.repeat((widths[index] ?? 0) - widthOf(cell));
        return isNumber[index] ? `${gap}${cell}` : `${cell}${gap}`;
      })
      .join('  ')
      .trimEnd();
  return [dim(line(head)), ...texts.map(line)];
}

const widthOf = (text: string): number => stripVTControlCharacters(text).length;

/** `1 task`, `3 tasks`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;
