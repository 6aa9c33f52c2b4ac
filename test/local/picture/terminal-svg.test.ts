import { describe, expect, it } from '@jest/globals';
import { sections } from '../../../infra/local/picture/sections.ts';
import { runsOf, terminalSvg } from '../../../infra/local/picture/terminal-svg.ts';

const ESCAPE = '\u001b[';
const red = (text: string): string => `${ESCAPE}31m${text}${ESCAPE}39m`;
const bold = (text: string): string => `${ESCAPE}1m${text}${ESCAPE}22m`;

describe('a line of a terminal', () => {
  it('is cut into pieces that look the same', () => {
    expect(runsOf(`a ${bold(`b ${red('c')}`)} d${ESCAPE}0m`)).toEqual([
      { text: 'a ', classes: [] },
      { text: 'b ', classes: ['bold'] },
      { text: 'c', classes: ['bold', 'red'] },
      { text: ' d', classes: [] },
    ]);
  });

  it('keeps its columns, whatever font a reader has', () => {
    const svg = terminalSvg(['12  abc', `ab  ${red('x')}yz`], 'a table');
    const places = [...svg.matchAll(/<tspan x="([\d.]+)"(?: class="red")?>(\w+)</g)].map(([, x, text]) => [text, x]);
    expect(places).toEqual([
      ['12', '20.0'],
      ['abc', '53.6'],
      ['ab', '20.0'],
      ['x', '53.6'],
      ['yz', '62.0'],
    ]);
  });

  it('is text, whatever is in it', () => {
    expect(terminalSvg(['<b> & "c"'], '<title>')).toContain('&lt;b&gt; &amp; &quot;c&quot;');
  });
});

describe('what is shown of a run', () => {
  const output = `${bold('1  First')}\n  a\n  b\n\n${bold('2  Second')}\n  c\n`;

  it('is from a heading to the next empty line', () => {
    expect(sections(output, ['Second', 'First'])).toEqual([
      bold('2  Second'),
      '  c',
      '',
      bold('1  First'),
      '  a',
      '  b',
    ]);
  });

  it('is complete, or there is no picture', () => {
    expect(() => sections(output, ['Third'])).toThrow('the run says nothing of "Third"');
  });
});
