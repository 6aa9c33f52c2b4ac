/** What a terminal shows, as a picture: text with the colours of its escape sequences becomes SVG. */

/** A piece of a line that looks the same throughout. */
interface Run {
  readonly text: string;
  /** Classes of {@link STYLE}. */
  readonly classes: readonly string[];
}

/** Pixels. A character of a monospace font is 0.6 of its size wide. */
const SIZE = 14;
const CHARACTER = SIZE * 0.6;
const LINE = 20;
const MARGIN = 20;

/** What codes of SGR (ECMA-48, 8.3.117) begin, and which codes end it. */
const BEGINS: Readonly<Record<number, string>> = {
  1: 'bold',
  2: 'dim',
  31: 'red',
  32: 'green',
  33: 'yellow',
  36: 'cyan',
};
const ENDS: Readonly<Record<number, readonly string[]>> = {
  0: Object.values(BEGINS),
  22: ['bold', 'dim'],
  39: ['red', 'green', 'yellow', 'cyan'],
};

const STYLE = `
text { font: ${SIZE}px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #d5dbe3; white-space: pre }
.bold { font-weight: 700; fill: #ffffff } .dim { fill: #8b97a5 } .red { fill: #ff8b84 } .green { fill: #7ee08b }
.yellow { fill: #f2c94c } .cyan { fill: #7fd4e6 }`;

/** Escape sequences of SGR. */
const CODES = new RegExp(`${String.fromCharCode(27)}\\[([\\d;]*)m`);

/** The pieces of a line. */
export function runsOf(line: string): Run[] {
  const current = new Set<string>();
  return line.split(CODES).flatMap((part, index) => {
    if (index % 2 === 0) return part === '' ? [] : [{ text: part, classes: [...current] }];
    for (const code of part.split(';').map(Number)) {
      for (const ended of ENDS[code] ?? []) current.delete(ended);
      const begun = BEGINS[code];
      if (begun !== undefined) current.add(begun);
    }
    return [];
  });
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (it) => ENTITIES[it] ?? it);

/** Each word stands where it stood, whatever font a reader has: columns stay columns. */
function lineText(line: string, row: number): string {
  let column = 0;
  const words = runsOf(line).flatMap(({ text, classes }) =>
    text.split(/( {2,})/).flatMap((part) => {
      const at = column;
      column += part.length;
      if (part.trim() === '') return [];
      const lead = part.length - part.trimStart().length;
      const x = MARGIN + (at + lead) * CHARACTER;
      const name = classes.length === 0 ? '' : ` class="${classes.join(' ')}"`;
      return [`<tspan x="${x.toFixed(1)}"${name}>${escaped(part.trim())}</tspan>`];
    }),
  );
  return words.length === 0 ? '' : `<text y="${MARGIN + SIZE + row * LINE}">${words.join('')}</text>`;
}

/** @param title what somebody hears who does not see the picture */
export function terminalSvg(lines: readonly string[], title: string): string {
  const columns = Math.max(...lines.map((line) => runsOf(line).reduce((sum, { text }) => sum + text.length, 0)));
  const width = Math.ceil(2 * MARGIN + columns * CHARACTER);
  const height = 2 * MARGIN + lines.length * LINE;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img">
<title>${escaped(title)}</title>
<style>${STYLE}
</style>
<rect width="100%" height="100%" rx="10" fill="#12171e"/>
${lines
  .map(lineText)
  .filter((text) => text !== '')
  .join('\n')}
</svg>
`;
}
