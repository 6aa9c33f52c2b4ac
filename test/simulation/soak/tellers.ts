/** Tells histories in one process a core. */
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { Worker } from 'jest-worker';
import type { Origin } from './divergence.ts';

/**
 * @param next what is told next; undefined: no more
 * @param onTold called as histories end, which is not the order in which they began
 * @throws Error where a kind is not known, or a process ends
 */
export async function tellAll(
  next: () => Origin | undefined,
  onTold: (origin: Origin, divergence: string | undefined) => void,
): Promise<void> {
  const numWorkers = availableParallelism();
  const tellers = new Worker(fileURLToPath(import.meta.resolve('./divergence.ts')), {
    numWorkers,
    maxRetries: 0,
    exposedMethods: ['divergence'],
  }) as Worker & typeof import('./divergence.ts');
  const tell = async (): Promise<void> => {
    for (let origin = next(); origin; origin = next()) onTold(origin, await tellers.divergence(origin));
  };
  try {
    await Promise.all(Array.from({ length: numWorkers }, tell));
  } finally {
    await tellers.end();
  }
}
