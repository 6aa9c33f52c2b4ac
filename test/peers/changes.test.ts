import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { makeChanges } from './changes.ts';
import { FAULTS } from './faults.ts';
import { type Fleet, startFleet } from './fleet.ts';
import { sufferFaults } from './outages.ts';
import type { Side, SideId } from './sides/side.ts';

let fleet: Fleet;
const listeners = new Set<() => void>();

beforeAll(async () => {
  fleet = await startFleet({ tasks: 12, services: 2 }, () => listeners.forEach((listener) => void listener()));
});
afterAll(() => fleet.close());

/** A side whose list is what `listed` says. */
const side = (id: SideId, listed: () => ReadonlySet<string>): Side => ({
  id,
  account: { endpoint: '', calls: () => new Map(), refused: () => 0, stop: async () => {} },
  list: {
    has: (target) => listed().has(target),
    size: () => listed().size,
    missing: (targets) => [...targets].filter((target) => !listed().has(target)),
    onChange: (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    stop: () => {},
  },
  processes: {},
  hurry: async () => {},
  ended: () => undefined,
  stop: async () => {},
});

it('counts changes that are shown, and those that never are', async () => {
  const before = fleet.targets();
  const sides = [side('ours', fleet.targets), side('reference', () => before)];
  const shown = await makeChanges(fleet, sides, { count: 4, seconds: 0.2, patience: 0.5 });
  expect(shown.get('ours')).toMatchObject({ seconds: { length: 4 }, never: 0 });
  expect(shown.get('reference')).toEqual({ seconds: [], never: 4 });
});

it('counts the targets that are lost for long enough, by fault', async () => {
  let what: string | undefined;
  const empty = new Set<string>();
  const isLost = () => what === 'DescribeTasks denied';
  const sides = [side('ours', fleet.targets), side('prometheus', () => (isLost() ? empty : fleet.targets()))];
  const timing = { refresh: 1, lasts: 1.5, patience: 1 };
  const setFault = (fault: { what: string } | undefined): void => {
    what = fault?.what;
  };
  const faults = FAULTS.filter(({ how }) => how === 'denied' || how === 'half');
  const figures = await sufferFaults(fleet, sides, setFault, timing, () => {}, faults);
  expect(figures.map(({ what: name }) => name)).toEqual(faults.map(({ what: name }) => name));
  expect(figures.map(({ lost }) => lost.ours)).toEqual([0, 0]);
  const losses = figures.filter(({ lost }) => lost.prometheus > 0);
  expect(losses).toMatchObject([{ what: 'DescribeTasks denied', lost: { prometheus: 11 }, stopSeen: ['ours'] }]);
}, 30_000);
