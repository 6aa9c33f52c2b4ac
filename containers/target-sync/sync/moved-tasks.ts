/**
 * Tasks that stand in a shard where they do not belong, since the number of shards was another. Resync moves them: into
 * their own shard, then out of the other. The readings of the two may be from different moments.
 */
import type { KnownConfiguration } from './known-configuration.ts';
import type { KnownStatements } from './known-statements.ts';

/**
 * A task that left such a shard was moved, and the configuration of its own may be one from before. Until that shows it, it
 * is a target as if it was just heard of.
 *
 * @param before what was known of the shard before it was read
 * @returns the shards whose targets may be others now
 */
export function followMoves(
  known: KnownStatements,
  shard: number,
  before: KnownConfiguration | undefined,
  now: number,
): number[] {
  const after = known.configurations.get(shard)?.merged;
  if (!before || !after) return [];
  return [...before.merged.tasks.values()].flatMap(({ targets, observed }) => {
    const { taskId, version } = targets;
    if (after.tasks.has(taskId) || known.home(taskId) === shard) return [];
    return known.hear({ kind: 'upsert', taskId, version, observed, targets }, now);
  });
}

/**
 * What one shard says was removed, another may still show, and so may the next life of its parameter.
 *
 * @param before what was known of the shard before it was read
 * @returns the shards whose targets may be others now
 */
export function spreadRemovals(
  known: KnownStatements,
  shard: number,
  before: KnownConfiguration | undefined,
  now: number,
): number[] {
  const own = known.configurations.get(shard)?.merged;
  if (!own) return [];
  const others = [...known.configurations].filter(([other]) => other !== shard);
  const theirs = others.flatMap(([, { merged }]) => [...merged.removed].filter(([taskId]) => own.tasks.has(taskId)));
  const earlier = before?.merged.removed ?? [];
  return [...own.removed, ...theirs, ...earlier].flatMap(([taskId, removal]) =>
    known.spread({ ...removal, taskId }, now),
  );
}
