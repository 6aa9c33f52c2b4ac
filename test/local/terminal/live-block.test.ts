import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { liveBlock, printLine } from '../../../infra/local/terminal/live-block.ts';

const output = (terminal: { isTTY?: boolean; rows?: number; columns?: number }) => {
  const stream = Object.assign(new PassThrough({ encoding: 'utf8' }), terminal);
  return { stream: stream as unknown as NodeJS.WriteStream, written: () => String(stream.read() ?? '') };
};

const lines = (...texts: string[]) => texts.map((text) => ({ text, final: !text.endsWith('…') }));

describe('a live block', () => {
  it('prints a line once it is final where the output is a file', () => {
    const { stream, written } = output({});
    const block = liveBlock(stream);
    block.show(lines('title', 'a …'));
    block.show(lines('title', 'a 1 s'));
    block.show(lines('title', 'a 1 s'));
    expect(written()).toBe('title\na 1 s\n');
  });

  it('draws over itself on a terminal, counting the lines inside of a text', () => {
    const { stream, written } = output({ isTTY: true, rows: 40, columns: 80 });
    const block = liveBlock(stream);
    block.show(lines('\ntitle', 'a …'));
    block.show(lines('\ntitle', 'a …'));
    block.show(lines('\ntitle', 'a 1 s'));
    expect(written()).toBe('\u001b[J\ntitle\na …\n\u001b[3A\u001b[J\ntitle\na 1 s\n');
  });

  it('leaves an ended block as it is', () => {
    const { stream, written } = output({ isTTY: true, rows: 40, columns: 80 });
    const block = liveBlock(stream);
    block.show(lines('one'));
    block.end();
    block.show(lines('two'));
    expect(written()).not.toContain('A\u001b');
  });

  it('counts the rows that a line takes which is wider than the terminal, its colours not counted', () => {
    const { stream, written } = output({ isTTY: true, rows: 40, columns: 80 });
    const block = liveBlock(stream);
    const exact = `\u001b[2m${'x'.repeat(80)}\u001b[22m`;
    block.show(lines(exact, 'y'.repeat(161), 'a …'));
    written();
    block.show(lines('a 1 s'));
    expect(written()).toBe('\u001b[5A\u001b[Ja 1 s\n');
  });

  it('stays below a line that is printed meanwhile', () => {
    const { stream, written } = output({ isTTY: true, rows: 40, columns: 80 });
    const block = liveBlock(stream);
    block.show(lines('title', 'a …'));
    written();
    printLine('it was killed', stream);
    expect(written()).toBe('\u001b[2A\u001b[Jit was killed\ntitle\na …\n');
    block.end();
    printLine('and again', stream);
    expect(written()).toBe('and again\n');
  });

  it('leaves what is final and does not fit to scroll away, and draws the rest alone', () => {
    const { stream, written } = output({ isTTY: true, rows: 4, columns: 80 });
    const block = liveBlock(stream);
    block.show(lines('title', 'a 1 s', 'b 1 s', 'c …', 'd …'));
    expect(written()).toBe('\u001b[Jtitle\na 1 s\nb 1 s\nc …\nd …\n');
    block.show(lines('title', 'a 1 s', 'b 1 s', 'c 2 s', 'd …'));
    expect(written()).toBe('\u001b[3A\u001b[Jb 1 s\nc 2 s\nd …\n');
  });

  it('shows the end of what does not fit and is not final, and all of it when it is over', () => {
    const { stream, written } = output({ isTTY: true, rows: 3, columns: 80 });
    const block = liveBlock(stream);
    block.show(lines('a …', 'b …', 'c …'));
    expect(written()).toBe('\u001b[Jb …\nc …\n');
    block.end();
    expect(written()).toBe('\u001b[2A\u001b[Ja …\nb …\nc …\n');
  });

  it.each([
    ['narrower', 80, 50],
    ['wider', 50, 80],
  ])(
    'erases nothing but itself when the terminal has become %s, whether that breaks lines anew or not',
    (_, ...widths) => {
      const { stream, written } = output({ isTTY: true, rows: 40, columns: widths[0] });
      const block = liveBlock(stream);
      block.show(lines('x'.repeat(70), 'a …'));
      written();
      stream.columns = widths[1];
      block.show(lines('x'.repeat(70), 'a …'));
      expect(written()).toBe(`\u001b[2A\u001b[J${'x'.repeat(70)}\na …\n`);
    },
  );

  it('goes on when the terminal has become lower than the block', () => {
    const { stream, written } = output({ isTTY: true, rows: 40, columns: 80 });
    const block = liveBlock(stream);
    block.show(lines('title', 'a 1 s', 'b …', 'c …'));
    written();
    stream.rows = 3;
    block.show(lines('title', 'a 1 s', 'b 2 s', 'c …'));
    expect(written()).toBe('\u001b[2A\u001b[Jtitle\na 1 s\nb 2 s\nc …\n');
    block.show(lines('title', 'a 1 s', 'b 2 s', 'c 3 s'));
    expect(written()).toBe('\u001b[2A\u001b[Jb 2 s\nc 3 s\n');
  });

  it('is a log on a terminal that does not say how large it is', () => {
    const { stream, written } = output({ isTTY: true, rows: 0, columns: 0 });
    const block = liveBlock(stream);
    block.show(lines('a …'));
    block.show(lines('a 1 s'));
    expect(written()).toBe('a 1 s\n');
  });
});
