/** Who asks for a shard to be published: an event that says it changed, or the regular refresh. */
export type Cause = 'event' | 'refresh';

/**
 * Decides whether a version that was read may replace the one published before. SSM is eventually consistent: a read
 * can bring a version older than one read already, and must not bring back its targets. But a parameter that was
 * deleted and made again starts at version 1, and stays there however often it is read.
 *
 * ```
 *            newer or same    older
 * event      publish          hold
 * refresh    publish          hold; publish when the refresh before found an older one as well
 * ```
 *
 * @param heldBefore the version that the refresh before held, if it held one; a version below it is older still
 */
export function judgeVersion(
  read: number,
  published: number | undefined,
  cause: Cause,
  heldBefore: number | undefined,
): 'publish' | 'hold' {
  if (published === undefined || read >= published) return 'publish';
  return cause === 'refresh' && heldBefore !== undefined && read >= heldBefore ? 'publish' : 'hold';
}
