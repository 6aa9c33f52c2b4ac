import { PassThrough } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { PROMPT, runPrompt } from '../../../infra/local/commands/prompt.ts';
import { printLine } from '../../../infra/local/terminal/live-block.ts';
import { until } from '../until.ts';
import { type CommandsOnCluster, commandsOnCluster } from './commands-on-cluster.ts';

jest.setTimeout(30_000);

/** A terminal that remembers what was written to it. */
class Screen extends PassThrough {
  readonly isTTY = true;
  readonly rows = 40;
  readonly columns = 80;
  text = '';

  constructor() {
    super({ encoding: 'utf8' });
    this.on('data', (text) => {
      this.text += text;
    });
  }
  moveCursor(_x: number, y: number): boolean {
    return y === 0 || this.write(`<up ${-y}>`);
  }
  cursorTo(): boolean {
    return this.write('\r');
  }
  clearScreenDown(): boolean {
    return this.write('<clear>');
  }
}

describe('the prompt', () => {
  let input: PassThrough;
  let screen: Screen;
  let output: NodeJS.WriteStream;
  let commands: CommandsOnCluster;
  let interruptions: number;
  let stopping: AbortController;
  let over: Promise<void>;

  beforeEach(async () => {
    input = new PassThrough();
    screen = new Screen();
    output = screen as unknown as NodeJS.WriteStream;
    commands = await commandsOnCluster((text) => printLine(text, output));
    interruptions = 0;
    stopping = new AbortController();
    over = runPrompt({
      ...{ commands, tasks: () => [{ id: '1a2b', desiredStatus: 'RUNNING' }], signal: stopping.signal, output },
      input: input as unknown as NodeJS.ReadStream,
      interrupted: () => {
        interruptions += 1;
      },
    });
  });
  afterEach(async () => {
    input.end();
    await over;
    await commands.stop();
  });

  const shows = (text: string) =>
    until(text, async () => stripVTControlCharacters(screen.text).replaceAll('\r', '').includes(text));

  it('runs what is typed, says what went wrong, and asks again', async () => {
    input.write('scale 3\r');
    await shows(`3 tasks are wanted.\n${PROMPT}`);
    input.write('scael 3\r');
    await shows(`(Did you mean scale?)\n${PROMPT}`);
    input.write('kill nobody\r');
    await shows(`No running task begins with nobody.\n${PROMPT}`);
    input.write('\r');
    input.write('why 1a2b\r');
    await until('the command', async () => commands.operated.length === 1);
  });

  it('completes', async () => {
    input.write('kil\t');
    await shows(`${PROMPT}kill`);
    input.write(' \t');
    await shows(`${PROMPT}kill 1a2b`);
  });

  it('keeps what is typed below what is printed meanwhile', async () => {
    input.write('sca');
    await shows(`${PROMPT}sca`);
    printLine('task 1a2b stops', output);
    await shows(`<clear>task 1a2b stops\n${PROMPT}sca`);
  });

  it.each([
    ['Ctrl-D', '\u0004'],
    ['exit', 'exit\r'],
  ])('is over with %s', async (_, typed) => {
    input.write(typed);
    await over;
    expect(commands.operated).toEqual([]);
  });

  it('hears Ctrl-C, and is over with the signal', async () => {
    input.write('\u0003');
    await until('the interruption', async () => interruptions === 1);
    stopping.abort();
    await over;
  });
});
