/** Virtual time: things happen one after the other, in the order of their times, and code that awaits them runs between. */
export interface Scheduler {
  /** Milliseconds since 1970, in the simulation. */
  now(): number;
  at(time: number, action: () => void): void;
  after(milliseconds: number, action: () => void): void;
  /** Code was given what it awaited: it runs before the next thing happens. */
  touch(): void;
  /** Until nothing is left to happen. */
  drain(): Promise<void>;
  /** Until a time, which is the time afterwards. */
  runUntil(time: number): Promise<void>;
  /** How many things are still to happen. */
  pending(): number;
  /** How many things have happened. */
  steps(): number;
}

interface Entry {
  readonly time: number;
  readonly order: number;
  readonly action: () => void;
}

/** More than this is no history, but a loop without an end. */
const MOST_STEPS = 2_000_000;
const MOST_TURNS = 10_000;

/**
 * @param isWaiting whether the code under test waits for something simulated; if it does not, it is given more turns
 *   of the event loop (a dynamic import takes some)
 */
export function createScheduler(start: number, isWaiting: () => boolean): Scheduler {
  const heap: Entry[] = [];
  let now = start;
  let order = 0;
  let steps = 0;
  let touched = true;

  const before = (a: Entry, b: Entry): boolean => a.time < b.time || (a.time === b.time && a.order < b.order);

  function push(entry: Entry): void {
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Entry;
      if (!before(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  function pop(): Entry | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && before(heap[child + 1] as Entry, heap[child] as Entry)) child++;
      if (!before(heap[child] as Entry, last)) break;
      heap[index] = heap[child] as Entry;
      index = child;
    }
    heap[index] = last;
    return first;
  }

  async function settle(): Promise<void> {
    if (!touched) return;
    touched = false;
    await turn();
    for (let turns = 0; !isWaiting(); turns++) {
      if (turns === MOST_TURNS) throw new Error('the code under test waits for something that is not simulated');
      await turn();
    }
  }

  async function step(entry: Entry): Promise<void> {
    if (++steps > MOST_STEPS) throw new Error('the history does not end');
    now = entry.time;
    entry.action();
    await settle();
  }

  return {
    now: () => now,
    at: (time, action) => push({ time: Math.max(time, now), order: order++, action }),
    after: (milliseconds, action) => push({ time: now + milliseconds, order: order++, action }),
    async drain() {
      await settle();
      for (let entry = pop(); entry; entry = pop()) await step(entry);
    },
    async runUntil(time) {
      await settle();
      while (heap[0] && heap[0].time <= time) await step(pop() as Entry);
      now = Math.max(now, time);
    },
    touch: () => {
      touched = true;
    },
    pending: () => heap.length,
    steps: () => steps,
  };
}

/** All promises and process.nextTick callbacks run before it is over. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
