/** Checks an invariant on stories by chance; what fails is told so that a person can follow it. */
import fc from '../fast-check.ts';
import type { Invariant } from './judge/violation.ts';
import type { Wire } from './pipeline.ts';
import type { Simulation } from './simulation.ts';
import { type StoryKind, stories } from './stories.ts';
import { type Story, tellToTheEnd } from './story.ts';

/** The same stories each time; `npm run soak` looks for new ones. */
const SEED = Number(process.env['SIMULATION_SEED'] ?? 1);
/** 2: twice as many stories. */
const MEASURE = Number(process.env['SIMULATION_MEASURE'] ?? 1);

class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}

/** @throws BrokenInvariant with the history of the task that it is about */
export function mustKeep(simulation: Simulation, invariant?: Invariant): void {
  const isBroken = simulation.judge.violations.some((it) => invariant === undefined || it.invariant === invariant);
  if (isBroken) throw new BrokenInvariant(simulation.explain(invariant));
}

/** @param runs stories that are told */
export async function always(
  wire: Wire,
  invariant: Invariant | undefined,
  kind: StoryKind,
  runs: number,
  tell: (story: Story, wire: Wire) => Promise<Simulation> = tellToTheEnd,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(stories(kind), async (story) => mustKeep(await tell(story, wire), invariant)),
    {
      numRuns: Math.ceil(runs * MEASURE),
      seed: SEED,
      // Mutants die at once; a person wants the smallest story.
      endOnFailure: process.env['SIMULATION_SHRINK'] === 'no',
      includeErrorInReport: true,
    },
  );
}
