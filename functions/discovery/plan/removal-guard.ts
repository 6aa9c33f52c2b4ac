/** An API that lies must not empty the monitoring. */

/** Removals up to this number are never held back: a small fleet is allowed to go to zero. */
export const REMOVALS_ALWAYS_ALLOWED = 10;

/**
 * Whether a resync would remove more than it may without `force`: when ECS confirms too few tasks beside those that are
 * published. Counted are all tasks that ECS shows as running and selected, published or not, so that a configuration that
 * lags behind a deployment does not look like a loss.
 *
 * @param limitPercent largest share of the published tasks that may be missing
 */
export const tooManyRemovals = (
  {
    removals,
    confirmed,
    published,
  }: { readonly removals: number; readonly confirmed: number; readonly published: number },
  limitPercent: number,
): boolean => removals > REMOVALS_ALWAYS_ALLOWED && (published - confirmed) * 100 > published * limitPercent;
