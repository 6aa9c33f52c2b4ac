/** How long changes of tasks took to the files, taken from what the judge saw. */
import { firstFolder } from '../first-folder.ts';
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

/** A change of a task, and when a file showed it; undefined where none did. */
interface Followed {
  readonly to: 'coming' | 'going';
  readonly changed: number;
  readonly shown: number | undefined;
}

/** @param since only changes from this time on count */
export function delays(simulation: Simulation, since = 0): Delays {
  const { firstShown, lastLeft } = firstFolder(simulation);
  const followed = [...simulation.world.ecs.tasks.values()].flatMap((task): Followed[] => {
    const { id, startedAt, stoppingAt = Number.POSITIVE_INFINITY } = task;
    const shown = firstShown.get(id);
    const isBrief = startedAt === undefined || (shown ?? Number.POSITIVE_INFINITY) > stoppingAt;
    if (isBrief) return [];
    const coming: Followed = { to: 'coming', changed: startedAt, shown };
    const going: Followed = { to: 'going', changed: stoppingAt, shown: lastLeft.get(id) };
    return [coming, going].filter(({ changed }) => changed >= since && changed < Number.POSITIVE_INFINITY);
  });
  const seen = followed.flatMap(({ to, changed, shown }) =>
    shown === undefined || shown < changed ? [] : [{ to, shown, delay: shown - changed }],
  );
  const delaysOf = (to: Followed['to']): number[] => seen.filter((one) => one.to === to).map(({ delay }) => delay);
  const latest = (times: readonly number[]): number => times.reduce((last, time) => Math.max(last, time), 0);
  return {
    coming: delaysOf('coming'),
    going: delaysOf('going'),
    open: followed.length - seen.length,
    tail: latest(seen.map(({ shown }) => shown)) - latest(followed.map(({ changed }) => changed)),
  };
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
