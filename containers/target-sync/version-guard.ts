/** Who asks for a shard to be published: an event that says it changed, or the regular refresh. */
export type Cause = 'event' | 'refresh';

/** An older version that a refresh read, and did not publish. */
export interface Held {
  readonly version: number;
  /** Since when it is all that was read, in milliseconds since 1970. */
  readonly since: number;
}

/** Milliseconds after which an older version that is still there is no lag: SSM is consistent again within seconds. */
export const LAG = 10_000;

/**
 * Decides whether a version that was read may replace the one published before. SSM is eventually consistent: a read
 * can bring a version older than one read already, and must not bring back its targets. But a parameter that was
 * deleted and made again starts at version 1, and stays there however often it is read.
 *
 * ```
 *            newer or same    older
 * event      publish          hold
 * refresh    publish          hold; publish when an earlier refresh held one, longer ago than SSM lags
 * ```
 *
 * @param held what an earlier refresh held; a version below it is older still
 * @param now milliseconds since 1970
 */
export function judgeVersion(
  read: number,
  published: number | undefined,
  cause: Cause,
  held: Held | undefined,
  now: number,
): 'publish' | 'hold' {
  if (published === undefined || read >= published) return 'publish';
  const isNoLag = held !== undefined && read >= held.version && now - held.since >= LAG;
  return cause === 'refresh' && isNoLag ? 'publish' : 'hold';
}
