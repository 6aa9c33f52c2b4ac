/** After the scenario: what is changed by hand is followed, too, a line a task. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { LocalSystem } from './local-system.ts';
import { Progress } from './scenario/progress.ts';
import { headings, rowLine } from './scenario/step-view.ts';
import { printLine } from './terminal/live-block.ts';

/** Until the signal. */
export const followChanges = async (
  { journal, observer, expectations }: LocalSystem,
  signal: AbortSignal,
): Promise<void> => {
  const began = Date.now();
  const progress = new Progress(observer, { ...expectations, mayBeBroken: () => true });
  let shown = 0;
  const printed = new Set<unknown>();
  while (!signal.aborted) {
    for (const row of progress.rows(journal.since(began))) {
      if (!row.complete || printed.has(row.change)) continue;
      printed.add(row.change);
      if (shown++ === 0) printLine(`\n${headings('since the event')}`);
      printLine(rowLine(row).text);
    }
    await sleep(200, undefined, { signal }).catch(() => {});
  }
};
