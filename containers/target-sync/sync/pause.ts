import type { Clock } from '../../../functions/discovery/clock.ts';

/** Waits, or less when a signal aborts; never rejects. */
export const pause = (clock: Clock, milliseconds: number, ...signals: readonly AbortSignal[]): Promise<void> =>
  clock.sleep(milliseconds, AbortSignal.any([...signals]));
