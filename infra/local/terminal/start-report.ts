import { dim } from '../../cli/terminal/paint.ts';
import type { PartReport } from '../local-system.ts';
import { seconds } from '../scenario/step-view.ts';
import { liveBlock } from './live-block.ts';
import { wrap } from './wrap.ts';

/**
 * A line a part: `Emulated AWS       2.1 s   MiniStack at http://127.0.0.1:4566`.
 *
 * @param signal aborted when the start is given up; a part that is on its way may take a while to see that
 */
export const startReport =
  (signal: AbortSignal): PartReport =>
  async (part, start, outcome) => {
    const block = liveBlock();
    const began = Date.now();
    const said: string[] = [];
    const name = part.padEnd(16);
    const show = (line: string, final: boolean): void => {
      if (signal.aborted) return;
      const before = said.map((text) => ({ text: dim(wrap(text, '      ')), final: true }));
      block.show([...before, { text: `      ${name} ${line}`, final }]);
    };
    const giveUp = (): void => {
      block.end();
      console.log(dim('\n  Stopping.'));
    };
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      show('…', false);
      const started = await start((line) => {
        said.push(line);
        show('…', false);
      });
      show(`${seconds(Date.now() - began).padStart(7)}   ${outcome(started)}`, true);
      return started;
    } finally {
      signal.removeEventListener('abort', giveUp);
      block.end();
    }
  };
