/**
 * What a release promises to the next ones: names, formats, and the logical ids of what holds something. `npm run contract`
 * writes it for a version; a test holds the sources against the newest one that is written.
 */
import { formatEntries, reading, samples } from './formats.ts';
import { nameEntries } from './names.ts';
import { resourceEntries } from './resources.ts';

interface Sample {
  /** As this version writes it. */
  readonly text: string;
  /** What is in it. */
  readonly reading: unknown;
}

export interface Contract {
  readonly version: string;
  readonly entries: Readonly<Record<string, string>>;
  readonly samples: Readonly<Record<string, Sample>>;
}

/** What the sources promise. */
export const contractOf = (version: string): Contract => ({
  version,
  entries: Object.fromEntries(
    [...resourceEntries(), ...formatEntries(), ...nameEntries()].sort(([a], [b]) => (a < b ? -1 : 1)),
  ),
  samples: Object.fromEntries(
    Object.entries(samples()).map(([kind, text]) => [kind, { text, reading: reading(kind, text) }]),
  ),
});

/** One sentence for each promise of a release that the sources do not keep; what is new is no matter. */
export function brokenPromises(released: Contract, { entries }: Pick<Contract, 'entries'>): string[] {
  const { version } = released;
  return [
    ...Object.entries(released.entries).flatMap(([key, value]) => {
      const now = entries[key];
      if (now === value) return [];
      if (now === undefined) return [`${key} is gone; ${version} has it.`];
      return [`${key} is ${now}; in ${version} it is ${value}.`];
    }),
    ...Object.entries(released.samples).flatMap(([kind, sample]) => {
      const problem = misreading(kind, sample);
      return problem === undefined ? [] : [`The ${kind} that ${version} writes ${problem}.`];
    }),
  ];
}

function misreading(kind: string, { text, reading: then }: Sample): string | undefined {
  try {
    const now = reading(kind, text);
    return holds(now, then) ? undefined : `is read as ${JSON.stringify(now)}, not as ${JSON.stringify(then)}`;
  } catch (error) {
    return `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/** Whether everything that was read then is read now; there may be more. */
function holds(now: unknown, then: unknown): boolean {
  if (typeof then !== 'object' || then === null) return now === then;
  if (typeof now !== 'object' || now === null || Array.isArray(now) !== Array.isArray(then)) return false;
  if (Array.isArray(then) && then.length !== (now as unknown[]).length) return false;
  return Object.entries(then).every(([key, value]) => holds((now as Record<string, unknown>)[key], value));
}
