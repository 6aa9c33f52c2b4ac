/** An API that lies must not empty the monitoring. */

/** Removals up to this number are never held back: a small fleet is allowed to go to zero. */
export const REMOVALS_ALWAYS_ALLOWED = 10;

/** Whether a resync would remove more of what is published than it may without being told to. */
export const tooManyRemovals = (removals: number, published: number, limitPercent: number): boolean =>
  removals > REMOVALS_ALWAYS_ALLOWED && removals * 100 > published * limitPercent;
