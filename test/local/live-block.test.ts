import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { liveBlock, printLine } from '../../infra/local/terminal/live-block.ts';
import { wrap } from '../../infra/local/terminal/wrap.ts';

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

  it.each([
    { rows: 10, columns: 80 },
    { rows: 40, columns: 70 },
  ])('does not draw over itself on a terminal that is too small for that: %p', (size) => {
    const { stream, written } = output({ isTTY: true, ...size });
    const block = liveBlock(stream);
    block.show(lines('a …'));
    block.show(lines('a 1 s'));
    expect(written()).toBe('a 1 s\n');
  });
});

describe('a text for the terminal', () => {
  it('is broken at spaces and indented', () => {
    expect(wrap('one two three four', '  ', 11)).toBe('  one two\n  three\n  four');
  });

  it('keeps a word whole that fits no line', () => {
    expect(wrap('a unbreakable b', '', 5)).toBe('a\nunbreakable\nb');
  });

  it('is one line where the output is a file', () => {
    expect(wrap('word '.repeat(100).trim(), '  ', Number.POSITIVE_INFINITY)).not.toContain('\n');
  });
});
