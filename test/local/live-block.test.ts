import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { liveBlock } from '../../infra/local/terminal/live-block.ts';

const output = (terminal: { isTTY?: boolean; rows?: number }) => {
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
    const { stream, written } = output({ isTTY: true, rows: 40 });
    const block = liveBlock(stream);
    block.show(lines('\ntitle', 'a …'));
    block.show(lines('\ntitle', 'a …'));
    block.show(lines('\ntitle', 'a 1 s'));
    expect(written()).toBe('\u001b[J\ntitle\na …\n\u001b[3A\u001b[J\ntitle\na 1 s\n');
  });

  it('leaves an ended block as it is', () => {
    const { stream, written } = output({ isTTY: true, rows: 40 });
    const block = liveBlock(stream);
    block.show(lines('one'));
    block.end();
    block.show(lines('two'));
    expect(written()).not.toContain('A\u001b');
  });

  it('does not draw over itself on a terminal that is too small for that', () => {
    const { stream, written } = output({ isTTY: true, rows: 10 });
    const block = liveBlock(stream);
    block.show(lines('a …'));
    block.show(lines('a 1 s'));
    expect(written()).toBe('a 1 s\n');
  });
});
