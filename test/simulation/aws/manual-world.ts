/** Surroundings of one service, for its own tests: time passes when a test lets it. */
import { type Faults, NO_FAULTS } from '../faults.ts';
import { Random } from '../random.ts';
import { AwsError } from './aws-error.ts';
import type { Surroundings } from './simulated-service.ts';

export interface ManualWorld {
  readonly around: Surroundings;
  readonly random: Random;
  readonly faults: () => Faults;
  /** Milliseconds by which the next reads lag behind. */
  lag: number;
  /** Percentages from now on. */
  fault: Partial<Faults>;
  readonly pass: (milliseconds: number) => void;
}

export function manualWorld(seed = 1): ManualWorld {
  let now = Date.UTC(2026, 0, 1);
  const due: { readonly at: number; readonly act: () => void }[] = [];
  const world: ManualWorld = {
    around: {
      now: () => now,
      after: (milliseconds, act) => due.push({ at: now + milliseconds, act }),
      lag: () => world.lag,
    },
    random: new Random(seed),
    faults: () => ({ ...NO_FAULTS, ...world.fault }),
    lag: 0,
    fault: {},
    pass: (milliseconds) => {
      const end = now + milliseconds;
      for (;;) {
        const next = due.toSorted((a, b) => a.at - b.at).find(({ at }) => at <= end);
        if (!next) break;
        due.splice(due.indexOf(next), 1);
        now = next.at;
        next.act();
      }
      now = end;
    },
  };
  return world;
}

/** Name of the error that an action throws; "none" where it throws none. */
export function errorOf(act: () => unknown): string {
  try {
    act();
    return 'none';
  } catch (error) {
    if (error instanceof AwsError) return error.name;
    throw error;
  }
}
