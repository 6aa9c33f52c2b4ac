import type { Report } from '../local-system.ts';
import { seconds } from '../scenario/step-view.ts';
import { liveBlock } from './live-block.ts';
import { dim } from './paint.ts';

/** A line a part: `Emulated AWS       2.1 s   MiniStack at http://127.0.0.1:4566`. */
export const startReport: Report = async (part, start, outcome) => {
  const block = liveBlock();
  const began = Date.now();
  const said: string[] = [];
  const name = part.padEnd(16);
  const show = (line: string, final: boolean): void =>
    block.show([
      ...said.map((text) => ({ text: dim(`      ${text}`), final: true })),
      { text: `      ${name} ${line}`, final },
    ]);
  show('…', false);
  const started = await start((line) => {
    said.push(line);
    show('…', false);
  });
  show(`${seconds(Date.now() - began).padStart(7)}   ${outcome(started)}`, true);
  block.end();
  return started;
};
