/** How long changes of tasks took to the files, taken from what the judge saw. */
import type { Simulation } from '../simulation.ts';
import { type Measured, none } from './measured.ts';

export interface Delays {
  /** Milliseconds from each change to the file: tasks that came to run, and tasks that were told to stop. */
  readonly coming: readonly number[];
  readonly going: readonly number[];
  /** Changes that no file ever showed. */
  readonly open: number;
  /** From the last change to the last file. */
  readonly tail: number;
}

/** @param since only changes from this time on count */
export function delays({ world, judge }: Simulation, since = 0): Delays {
  const place = judge.folders[0]?.place;
  if (!place) throw new Error('there is no collector');
  const coming: number[] = [];
  const going: number[] = [];
  let [open, lastChange, lastFile] = [0, 0, 0];
  const add = (to: number[], changed: number, shown: number | undefined): void => {
    lastChange = Math.max(lastChange, changed);
    if (shown === undefined || shown < changed) open++;
    else {
      lastFile = Math.max(lastFile, shown);
      to.push(shown - changed);
    }
  };
  for (const { id, startedAt, stoppingAt = Number.POSITIVE_INFINITY } of world.ecs.tasks.values()) {
    const shown = place.firstShown.get(id);
    const isBrief = startedAt === undefined || (shown ?? Number.POSITIVE_INFINITY) > stoppingAt;
    if (isBrief) continue;
    if (startedAt >= since) add(coming, startedAt, shown);
    if (stoppingAt >= since && stoppingAt < Number.POSITIVE_INFINITY) add(going, stoppingAt, place.lastLeft.get(id));
  }
  return { coming, going, open, tail: lastFile - lastChange };
}

/** What went wrong on the way, as an operator would see it. */
export const troubles = ({ world, judge }: Simulation, { open }: Delays, of: string): Measured[] => [
  none(`${of}: changes that no file shows`, open),
  none(
    `${of}: records that ended in a dead-letter queue`,
    [...world.sqs.deadLetters.values()].reduce((sum, { letters }) => sum + letters.length, 0),
  ),
  none(`${of}: broken invariants`, judge.violations.length),
];
