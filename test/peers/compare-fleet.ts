/** All discoveries at once on one fleet, from nothing to figures. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Account } from './account/account.ts';
import { type ChangeList, makeChanges } from './changes.ts';
import { measureEffort } from './effort.ts';
import type { FleetSize } from './fleet.ts';
import { type OutageTiming, sufferFaults } from './outages.ts';
import { CHANGE_WINDOW, type FleetFigures, QUIET_WINDOW, type SideFigures } from './report/figures.ts';
import type { Side } from './sides/side.ts';
import { type Binaries, type Rig, startSides } from './start-sides.ts';

export interface FleetCase extends FleetSize {
  readonly shards: number;
  readonly changes: ChangeList;
  readonly outages?: OutageTiming;
}

/** Seconds in which every list must become full. */
const FILLING = 180;
/** Milliseconds. */
const QUIET = 3000;

export const compareFleet = async (
  fleetCase: FleetCase,
  binaries: Binaries,
  report: (line: string) => void,
): Promise<FleetFigures> => {
  const stack = new AsyncDisposableStack();
  try {
    const rig = await startSides(stack, fleetCase, binaries, report);
    report(`${fleetCase.tasks} tasks run.`);
    return await measure(rig, fleetCase, report);
  } finally {
    await stack.disposeAsync();
  }
};

const measure = async (
  { fleet, ours, sides, setFault }: Rig,
  { tasks, services, shards, changes, outages }: FleetCase,
  report: (line: string) => void,
): Promise<FleetFigures> => {
  await ours.resync();
  await untilFull(sides, tasks);
  await untilQuiet(ours.account);
  const listed = new Map(sides.map(({ id, list }) => [id, list.size()]));
  report(`Listed: ${[...listed].map(([id, count]) => `${id} ${count}`).join(', ')}.`);

  const quiet = await measureEffort(sides, QUIET_WINDOW);
  const [changing, shown] = await Promise.all([
    measureEffort(sides, CHANGE_WINDOW),
    makeChanges(fleet, sides, changes),
  ]);
  report(`${changes.count} changes were made and shown.`);

  const figuresOf = ({ id }: Side): SideFigures => ({
    listed: known(listed.get(id)),
    ...known(shown.get(id)),
    quiet: known(quiet.get(id)),
    changing: known(changing.get(id)),
  });
  const figures = Object.fromEntries(sides.map((side) => [side.id, figuresOf(side)])) as FleetFigures['sides'];
  const faults = outages === undefined ? [] : await sufferFaults(fleet, sides, setFault, outages, report);
  return { tasks, services, shards, changes: changes.count, sides: figures, faults };
};

/** What was measured of every side. */
const known = <T>(value: T | undefined): T => {
  if (value === undefined) throw new Error('A side was not measured.');
  return value;
};

/** Until every list has all tasks; the reference's, which never has more than a page of each list: some. */
const untilFull = async (sides: readonly Side[], tasks: number): Promise<void> => {
  const isFull = ({ id, list }: Side): boolean => (id === 'reference' ? list.size() > 0 : list.size() === tasks);
  const deadline = performance.now() + FILLING * 1000;
  while (!sides.every(isFull)) {
    if (performance.now() > deadline) throw new Error(`Not all lists are full after ${FILLING} s.`);
    await sleep(200);
  }
};

/** Until nothing was asked for some seconds: what a resync announced has been stored. */
const untilQuiet = async (account: Account): Promise<void> => {
  const sum = (): number => [...account.calls().values()].reduce((all, count) => all + count, 0);
  for (let before = -1; sum() !== before; await sleep(QUIET)) before = sum();
};
