/** Time and chance, as the code asks for them; a simulation gives its own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** @param signals each of them ends the sleep early; it never rejects */
  sleep(milliseconds: number, ...signals: readonly AbortSignal[]): Promise<void>;
  /** A number from 0 up to, but not including, 1. */
  random(): number;
}

/**
 * Milliseconds to wait before the next try: twice as long each time, and anything from half of that on, so that
 * writers who collided do not collide again.
 *
 * @param attempt counts from 0
 */
export function backoff(clock: Clock, attempt: number, { first, longest }: { first: number; longest: number }): number {
  const most = Math.min(longest, first * 2 ** attempt);
  return most / 2 + (most / 2) * clock.random();
}
