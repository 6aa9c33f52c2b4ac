/** The comparison as Markdown. */
import { FAULTS } from '../faults.ts';
import { SIDES, type SideId } from '../sides/side.ts';
import type { Comparison, FaultFigures, FleetFigures } from './figures.ts';
import { callsOf, type Row, rowsOf } from './rows.ts';
import { written } from './written.ts';

export const NAMES: Readonly<Record<SideId, string>> = {
  ours: 'this project',
  prometheus: "Prometheus' ECS discovery",
  observer: 'ECS observer',
  reference: "the reference's sidecar",
};

/** How many times ours: whole above ten. Ours is said where it is not 0. */
export const ratio = (value: number, ours: number): string => {
  const times = value / ours;
  return `× ${times >= 10 ? written(times, 0) : times.toFixed(1)}`;
};

const cell = ({ values, digits, hasRatio }: Row, id: SideId): string => {
  const value = values[id];
  if (value === undefined) return '–';
  const ours = values.ours;
  const isCompared = hasRatio && id !== 'ours' && ours !== undefined && ours > 0;
  return written(value, digits) + (isCompared ? ` (${ratio(value, ours)})` : '');
};

const table = (head: readonly string[], lines: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');

const head = (first: string): string[] => [first, ...SIDES.map((id) => NAMES[id])];

/** Figures, and in brackets how many times this project's. */
export const ratioTable = (comparison: Comparison, fleet: FleetFigures): string =>
  table(
    head(''),
    rowsOf(comparison, fleet).map((row) => [row.what, ...SIDES.map((id) => cell(row, id))]),
  );

export const callsTable = (fleet: FleetFigures): string => {
  const calls = [...new Set(SIDES.flatMap((id) => Object.keys(fleet.sides[id].changing.calls)))].sort();
  const count = (id: SideId, call: string): string => written(fleet.sides[id].changing.calls[call] ?? 0, 0);
  return table(head('calls'), [
    ...calls.map((call) => [call, ...SIDES.map((id) => count(id, call))]),
    ['all', ...SIDES.map((id) => written(callsOf(fleet.sides[id].changing), 0))],
    ["of them above AWS's limits", ...SIDES.map((id) => written(fleet.sides[id].changing.refused, 0))],
  ]);
};

const lostCell = ({ lost, ended, stopSeen }: FaultFigures, id: SideId): string => {
  const what = ended.includes(id) ? 'all: its process ends' : written(lost[id], 0);
  return stopSeen.includes(id) ? what : `${what}, stop not seen`;
};

/** In the order of {@link FAULTS}. */
export const faultTable = ({ faults }: FleetFigures): string => {
  const order = FAULTS.map(({ what }) => what);
  const lines = faults.toSorted((one, other) => order.indexOf(one.what) - order.indexOf(other.what));
  return table(
    head('targets lost'),
    lines.map((fault) => [fault.what, ...SIDES.map((id) => lostCell(fault, id))]),
  );
};

export const usageTable = ({ sides }: FleetFigures): string =>
  table(
    ['process', 'CPU seconds in 2 minutes', 'MiB at its peak'],
    SIDES.flatMap((id) =>
      Object.entries(sides[id].changing.usage).map(([name, { cpuSeconds, peakMiB }]) => [
        name === 'process' ? NAMES[id] : `${NAMES[id]}: ${name}`,
        cpuSeconds.toFixed(2),
        written(peakMiB, 0),
      ]),
    ),
  );
