/** One change list for all: who shows each change, and when? */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Change, Fleet } from './fleet.ts';
import type { Side, SideId } from './sides/side.ts';

export interface ChangeList {
  readonly count: number;
  /** Seconds over which they are spread evenly. */
  readonly seconds: number;
  /** Seconds after the last change in which they must be shown. */
  readonly patience: number;
}

export interface Shown {
  readonly seconds: number[];
  readonly never: number;
}

/** Listens to the lists, and says how long each change took to be there. */
class Stopwatch {
  readonly seconds: number[] = [];
  readonly #pending = new Set<Change>();
  readonly #side: Side;
  #unlisted = 0;

  constructor(side: Side) {
    this.#side = side;
  }

  /** @param wasListed that a task is not listed says nothing about its stop where it never was */
  expect(change: Change, wasListed: boolean): void {
    if (change.kind === 'stop' && !wasListed) this.#unlisted++;
    else this.#pending.add(change);
    this.look();
  }

  look(): void {
    for (const change of this.#pending) {
      if (this.#side.list.has(change.target) !== (change.kind === 'start')) continue;
      this.#pending.delete(change);
      this.seconds.push((performance.now() - change.at) / 1000);
    }
  }

  get pending(): number {
    return this.#pending.size;
  }

  get never(): number {
    return this.#pending.size + this.#unlisted;
  }
}

/** Starts and stops take turns. @returns how soon each side showed them */
export const makeChanges = async (
  fleet: Fleet,
  sides: readonly Side[],
  { count, seconds, patience }: ChangeList,
): Promise<ReadonlyMap<SideId, Shown>> => {
  const watches = new Map(sides.map((side) => [side.id, new Stopwatch(side)]));
  const ends = sides.map((side) => side.list.onChange(() => watches.get(side.id)?.look()));
  const began = performance.now();
  const made: Promise<void>[] = [];
  for (let number = 0; number < count; number++) {
    await sleep(Math.max(0, began + (number * seconds * 1000) / count - performance.now()));
    const running = fleet.targets();
    const missing = new Map(sides.map(({ id, list }) => [id, new Set(list.missing(running))]));
    const change = number % 2 === 0 ? fleet.start() : fleet.stop();
    made.push(
      change.then((one) => {
        for (const [id, watch] of watches) watch.expect(one, missing.get(id)?.has(one.target) === false);
      }),
    );
  }
  await Promise.all(made);
  const deadline = performance.now() + patience * 1000;
  const isWaiting = (): boolean => watches.values().some(({ pending }) => pending > 0);
  while (isWaiting() && performance.now() < deadline) await sleep(100);
  for (const end of ends) end();
  return new Map([...watches].map(([id, watch]) => [id, { seconds: watch.seconds, never: watch.never }]));
};
