/** Eight faults, one after another, and who loses targets by them. */
import { setTimeout as sleep } from 'node:timers/promises';
import { FAULTS, type Fault } from './faults.ts';
import type { Fleet } from './fleet.ts';
import type { FaultFigures } from './report/figures.ts';
import { SIDES, type Side, type SideId } from './sides/side.ts';

export interface OutageTiming {
  /** Seconds between two refreshes of those that ask, shorter than by default so that a short fault meets some. */
  readonly refresh: number;
  /** Seconds that each fault lasts. */
  readonly lasts: number;
  /** Seconds in which the lists must be whole again. */
  readonly patience: number;
}

/** A list that is being rewritten in place is half there for a moment: what is missing for so long is lost. */
const LOST_AFTER = 1000;
const EVERY = 100;

const NOTHING = Object.fromEntries(SIDES.map((id) => [id, 0])) as FaultFigures['lost'];

/** The most that a list lacked for as long as {@link LOST_AFTER}. */
class LossMeter {
  most = 0;
  readonly #side: Side;
  readonly #recent: number[] = [];

  constructor(side: Side) {
    this.#side = side;
  }

  look(targets: ReadonlySet<string>): void {
    this.#recent.push(this.#side.list.missing(targets).length);
    if (this.#recent.length <= LOST_AFTER / EVERY) return;
    this.#recent.shift();
    this.most = Math.max(this.most, Math.min(...this.#recent));
  }
}

/** One fault: a task is stopped as it begins, and whose list loses the others? */
const sufferFault = async (
  fleet: Fleet,
  sides: readonly Side[],
  begin: () => void,
  seconds: number,
): Promise<Omit<FaultFigures, 'what'>> => {
  const running = new Set(fleet.targets());
  // What a side does not list now, it cannot lose.
  const watched = sides.map((side) => {
    const missing = new Set(side.list.missing(running));
    const targets = new Set([...running].filter((target) => !missing.has(target)));
    return { side, targets, meter: new LossMeter(side) };
  });
  begin();
  const { target: stopped } = await fleet.stop();
  for (const targets of [running, ...watched.map((one) => one.targets)]) targets.delete(stopped);
  const stopSeen = new Set<SideId>();
  for (const end = performance.now() + seconds * 1000; performance.now() < end; await sleep(EVERY)) {
    for (const { side, targets, meter } of watched) {
      meter.look(targets);
      if (!side.list.has(stopped) && side.list.size() > 0) stopSeen.add(side.id);
    }
  }
  const lost = watched.map(({ side, meter }) => [side.id, meter.most] as const);
  return {
    running: running.size,
    lost: { ...NOTHING, ...Object.fromEntries(lost) },
    ended: sides.filter((side) => side.ended() !== undefined).map(({ id }) => id),
    stopSeen: [...stopSeen],
  };
};

export const sufferFaults = async (
  fleet: Fleet,
  sides: readonly Side[],
  setFault: (fault: Fault | undefined) => void,
  { refresh, lasts, patience }: OutageTiming,
  report: (line: string) => void,
  faults: readonly Fault[] = FAULTS,
): Promise<FaultFigures[]> => {
  const figures: FaultFigures[] = [];
  const isWhole = (side: Side): boolean => side.list.missing(fleet.targets()).length === 0;
  const becomeWhole = async (): Promise<void> => {
    const deadline = performance.now() + patience * 1000;
    while (!sides.every(isWhole) && performance.now() < deadline) await sleep(EVERY);
  };
  for (const side of sides) await side.hurry(refresh);
  await becomeWhole();
  for (const fault of faults) {
    report(fault.what);
    const suffered = await sufferFault(fleet, sides, () => setFault(fault), lasts);
    setFault(undefined);
    figures.push({ what: fault.what, ...suffered });
    for (const side of sides) if (side.ended() !== undefined) await side.hurry(refresh);
    await fleet.start();
    await becomeWhole();
  }
  return figures;
};
