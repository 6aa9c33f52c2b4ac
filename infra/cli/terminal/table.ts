/**
 * Rows in columns. A pipe gets each row whole, in one line. On a terminal a row that is wider is made to fit: columns that say
 * nothing are left out, ids are shortened, the last column is wrapped, and at last columns go below the others.
 */
import { dim } from './paint.ts';
import { widthOf, wrapped } from './wrap.ts';

/** A row; a cell that is empty shows as such. */
export type Row = readonly (string | number | undefined)[];

export interface TableOptions {
  /** Of the terminal; infinitely many where the output is none. */
  readonly columns: number;
  /** Name of the column with ids, of which a beginning says enough on a terminal. @default none */
  readonly ids?: string;
  /** Name of the column that is left out first where it says the same in every row. @default none */
  readonly spare?: string;
}

interface Column {
  readonly name: string;
  readonly cells: readonly string[];
  readonly isNumber: boolean;
}

/** Letters of an id that are left at least. */
const SHORTEST_ID = 8;
/** Between two columns. */
const GAP = 2;
/** Of a line that goes on with a row. */
const INDENT = 4;
/** The last column is wrapped where it gets as much. */
const LEAST_TEXT = 24;

/** @param head names of the columns */
export function table(head: readonly string[], rows: readonly Row[], { columns, ids, spare }: TableOptions): string[] {
  const all = head.map((name, index): Column => {
    const values = rows.map((row) => row[index]);
    return {
      name,
      cells: values.map((value) => String(value ?? '')),
      isNumber: values.some(isNumber) && values.every((value) => isNumber(value) || value === undefined),
    };
  });
  if (columns === Number.POSITIVE_INFINITY) return linesOf([all.map(marked)]);
  const used = rows.length === 0 ? all : all.filter(({ cells }) => cells.some((cell) => cell !== ''));
  if (widthOfLine(used) <= columns) return linesOf([used]);
  const needed = used.filter((column) => column.name !== spare || hasSeveral(column));
  const short = needed.map((column) => (column.name === ids ? shortened(column) : column));
  if (widthOfLine(short) <= columns) return linesOf([short]);
  const room = columns - widthOfLine(short.slice(0, -1)) - GAP;
  const least = Math.max(LEAST_TEXT, ...(short.at(-1)?.cells ?? []).flatMap(longestWord));
  return linesOf(room >= least ? [short] : inLines(short, columns), columns);
}

const isNumber = (value: unknown): boolean => typeof value === 'number';

const hasSeveral = ({ cells }: Column): boolean => new Set(cells.filter((cell) => cell !== '')).size > 1;

/** A program that reads the pipe counts columns, so none may be empty. */
const marked = (column: Column): Column => ({ ...column, cells: column.cells.map((cell) => cell || '-') });

/** The same beginning of all, long enough to tell them apart. */
function shortened(column: Column): Column {
  const whole = new Set(column.cells);
  let length = SHORTEST_ID;
  while (new Set([...whole].map((id) => id.slice(0, length))).size < whole.size) length++;
  return { ...column, cells: column.cells.map((id) => id.slice(0, length)) };
}

const longestWord = (cell: string): number => Math.max(...cell.split(' ').map(widthOf));

const widthOfColumn = ({ name, cells }: Column): number => Math.max(name.length, ...cells.map(widthOf));

const widthOfLine = (line: readonly Column[]): number =>
  line.reduce((sum, column) => sum + widthOfColumn(column), GAP * (line.length - 1));

/** As many columns in a line as fit into it. */
function inLines(all: readonly Column[], columns: number): Column[][] {
  const lines: Column[][] = [];
  for (const column of all) {
    const last = lines.at(-1);
    const indent = lines.length > 1 ? INDENT : 0;
    if (last && indent + widthOfLine([...last, column]) <= columns) last.push(column);
    else lines.push([column]);
  }
  return lines;
}

/** @param lines columns of each line of a row */
function linesOf(lines: readonly (readonly Column[])[], columns = Number.POSITIVE_INFINITY): string[] {
  const texts = (cellOf: (column: Column) => string): string[] =>
    lines.flatMap((line, at) => lineOf(line, cellOf, at === 0 ? 0 : INDENT, columns));
  const [first] = lines.flat();
  const rows = first?.cells.map((_, row) => texts(({ cells }) => cells[row] ?? '')) ?? [];
  return [...texts(({ name }) => name).map(dim), ...rows.flat()];
}

/** One line, or more where its last cell is wrapped; none where there is nothing in it. */
function lineOf(
  line: readonly Column[],
  cellOf: (column: Column) => string,
  indent: number,
  columns: number,
): string[] {
  if (line.every((column) => cellOf(column) === '')) return [];
  const before = line
    .slice(0, -1)
    .map((column) => `${padded(column, cellOf(column))}${' '.repeat(GAP)}`)
    .join('');
  const [last] = line.slice(-1);
  const start = indent + widthOf(before);
  const text = last ? padded(last, cellOf(last)).trimEnd() : '';
  const [head = '', ...others] = wrapped(text, columns - start);
  return [`${' '.repeat(indent)}${before}${head}`.trimEnd(), ...others.map((other) => `${' '.repeat(start)}${other}`)];
}

function padded(column: Column, cell: string): string {
  const gap = ' '.repeat(widthOfColumn(column) - widthOf(cell));
  return column.isNumber ? `${gap}${cell}` : `${cell}${gap}`;
}

/** `1 task`, `3 tasks`. */
export const count = (number: number, one: string, many = `${one}s`): string =>
  `${number} ${number === 1 ? one : many}`;
