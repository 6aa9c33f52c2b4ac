import type { Place } from './judge/place.ts';
import type { Simulation } from './simulation.ts';

/** The folder of target files of the first collector, as its readers see it. */
export function firstFolder({ judge }: Simulation): Place {
  const [folder] = judge.folders;
  if (!folder) throw new Error('there is no collector');
  return folder.place;
}
