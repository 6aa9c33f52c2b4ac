/** The figures that are compared, one a row, and how many times this project's figure each of the others is. */

import type { SideId } from '../sides/side.ts';
import { LAMBDA, SIDES } from '../sides/side.ts';
import {
  CHANGE_WINDOW,
  type Comparison,
  type Effort,
  type FleetFigures,
  QUIET_WINDOW,
  type SideFigures,
} from './figures.ts';
import { written } from './written.ts';

export interface Row {
  readonly what: string;
  /** Undefined where nothing was measured. */
  readonly values: Readonly<Record<SideId, number | undefined>>;
  readonly digits: number;
  /** Whether "so many times ours" says something about it. */
  readonly hasRatio: boolean;
}

const DAY = 86_400;

/** The smallest value that so many percent do not exceed. */
export const percentile = (values: readonly number[], percent: number): number | undefined => {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((percent / 100) * sorted.length) - 1)];
};

const sum = (values: Iterable<number>): number => [...values].reduce((all, value) => all + value, 0);

export const callsOf = ({ calls }: Effort): number => sum(Object.values(calls));

/** Most of the running tasks that a list lost by any fault: all, where nobody scrapes any more. */
export const mostLost = ({ faults }: FleetFigures, id: SideId): number =>
  Math.max(0, ...faults.map(({ running, lost, ended }) => (ended.includes(id) ? running : lost[id])));

/** How many tasks ran through every fault. */
export const running = ({ faults }: FleetFigures): number => Math.min(...faults.map((fault) => fault.running));

const values = (of: (id: SideId) => number | undefined): Row['values'] =>
  Object.fromEntries(SIDES.map((id) => [id, of(id)])) as Row['values'];

/** A day without a change: those that ask every so often ask the same whether something changed or not. */
export const callsOfADay = (comparison: Comparison, fleet: FleetFigures, id: SideId): number | undefined =>
  id === 'ours'
    ? comparison.simulatedDay[fleet.tasks]
    : Math.round((callsOf(fleet.sides[id].changing) * DAY) / CHANGE_WINDOW);

/** Of all processes; undefined where only calls were made. */
const cpuAMinute = ({ usage }: Effort, seconds: number): number | undefined => {
  const used = Object.values(usage).map(({ cpuSeconds }) => cpuSeconds);
  return used.length === 0 ? undefined : (sum(used) * 60) / seconds;
};

/** Of what runs all the time: Lambda runs when something has changed. */
const memory = ({ usage }: Effort): number | undefined =>
  Object.entries(usage).find(([name]) => name !== LAMBDA)?.[1].peakMiB;

export const rowsOf = (comparison: Comparison, fleet: FleetFigures): Row[] => {
  const side = (id: SideId): SideFigures => fleet.sides[id];
  const seconds = (percent: number) => values((id) => percentile(side(id).seconds, percent));
  const compared = { digits: 1, hasRatio: true };
  const count = { digits: 0, hasRatio: false };
  return [
    { what: 'targets listed', values: values((id) => side(id).listed), ...count },
    { what: 'seconds to the list, median', values: seconds(50), ...compared },
    { what: 'seconds to the list, 90 %', values: seconds(90), ...compared },
    { what: 'seconds to the list, slowest', values: seconds(100), ...compared },
    { what: `of ${fleet.changes} changes, not shown`, values: values((id) => side(id).never), ...count },
    {
      what: `calls in ${CHANGE_WINDOW / 60} minutes with ${fleet.changes} changes`,
      values: values((id) => callsOf(side(id).changing)),
      ...{ digits: 0, hasRatio: true },
    },
    {
      what: 'calls a day without a change',
      values: values((id) => callsOfADay(comparison, fleet, id)),
      ...{ digits: 0, hasRatio: true },
    },
    {
      what: 'CPU seconds in a minute without a change',
      values: values((id) => cpuAMinute(side(id).quiet, QUIET_WINDOW)),
      ...{ digits: 2, hasRatio: true },
    },
    {
      what: `CPU seconds in a minute of the two with ${fleet.changes} changes`,
      values: values((id) => cpuAMinute(side(id).changing, CHANGE_WINDOW)),
      ...{ digits: 2, hasRatio: true },
    },
    {
      what: 'memory of what always runs, MiB',
      values: values((id) => memory(side(id).changing)),
      ...{ digits: 0, hasRatio: true },
    },
    ...(fleet.faults.length === 0
      ? []
      : [
          {
            what: `most of ${written(running(fleet), 0)} running tasks lost, ${fleet.faults.length} faults`,
            values: values((id) => mostLost(fleet, id)),
            ...count,
          },
        ]),
  ];
};
