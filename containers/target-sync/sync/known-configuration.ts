import type { ComparedShard } from '../../../functions/discovery/change/announcement.ts';
import type { TaskChange } from '../../../functions/discovery/change/change.ts';
import { applyChanges, EMPTY_SHARD, offersTheSame, type Shard } from '../../../functions/discovery/shard/shard.ts';
import type { Configuration, LowerReading } from './shard-state.ts';

/** What is known of the configuration of one shard. */
export interface KnownConfiguration extends Configuration {
  readonly lower?: LowerReading | undefined;
  /** The configuration, and over it what lower readings add and remove. */
  readonly merged: Shard;
}

/** Resync's word that it compared a shard. */
export interface HeardWord extends ComparedShard {
  /** The version that was known here when it was heard. */
  readonly known: number | undefined;
  /** Whether it was known here by then that the parameter began again. */
  readonly isOfRestarted: boolean;
  /** When it was heard, in milliseconds since 1970 by the clock of this host. */
  readonly heardAt: number;
}

/** Milliseconds after which a lower version that is still all there is is not the past: SSM is consistent within seconds. */
export const LAG = 30_000;

export const knownConfiguration = (
  { version, shard }: Configuration,
  lower?: LowerReading | undefined,
): KnownConfiguration => ({
  version,
  shard,
  lower,
  merged: lower ? applyChanges(shard, statements(lower.shard)) : shard,
});

/**
 * What is known after another reading.
 *
 * ```
 * its version is   higher, or the     lower, or the same with other targets, for
 *                  same and as known  less than SSM lags   longer                 longer, and resync compared it
 *                  replaces           –                    adds and removes only  replaces
 * ```
 *
 * Versions that began again pass the one that is known, sooner or later: a higher one of another life of the parameter, or
 * after lower ones that were no lag, is one of them, and is taken as a lower one is. Once another life was seen, what looks
 * like the one that is known is its past.
 *
 * SSM is eventually consistent, so a lower version may be the past, with tasks that have stopped since. A parameter that
 * was deleted and made again also has lower versions, and what it lacks may run all the same: only resync can say.
 *
 * @param now milliseconds since 1970 by the clock of this host
 */
export function takeReading(
  known: KnownConfiguration | undefined,
  read: Configuration,
  word: HeardWord | undefined,
  now: number,
): KnownConfiguration {
  if (!known) return knownConfiguration(read);
  const isOfOther = isOfOtherLife(known, read);
  if (read.version > known.version && !hasBegunAgain(known) && !isOfOther) return knownConfiguration(read);
  const isSame = read.version === known.version && offersTheSame(read.shard, known.shard);
  const hasEnded = isOfOther || (known.lower !== undefined && isOfOtherLife(known, known.lower));
  if (isSame && !hasEnded) return knownConfiguration(read);
  const since = known.lower?.since ?? now;
  if (now - since < LAG && !isOfOther) {
    return knownConfiguration(known, known.lower ?? { version: 0, shard: EMPTY_SHARD, since });
  }
  if (isRestarted(known, read, word, since)) return knownConfiguration(read);
  const goesOn = known.lower && (known.lower.version >= read.version || isOfOtherLife(known.lower, read));
  const before = goesOn ? known.lower : undefined;
  const shard = before
    ? applyChanges(before.shard, statements(read.shard))
    : applyChanges(read.shard, removalsBefore(known));
  return knownConfiguration(known, { version: before?.version ?? read.version, shard, since });
}

/** What lower readings removed of the configuration that is known: a later one may have forgotten it, and shows it no more. */
const removalsBefore = ({ shard, lower }: KnownConfiguration): TaskChange[] =>
  [...statements(lower?.shard ?? EMPTY_SHARD)].filter(
    ({ kind, taskId }) => kind !== 'upsert' && shard.tasks.has(taskId),
  );

/** Whether the parameter was deleted and created again between the two. */
const isOfOtherLife = ({ shard: { life } }: Configuration, { shard }: Configuration): boolean =>
  life !== undefined && shard.life !== undefined && life !== shard.life;

/** Whether lower versions were still all there was when SSM could no longer lag. */
export const hasBegunAgain = ({ lower }: KnownConfiguration): boolean => lower !== undefined && lower.version > 0;

/**
 * Resync compared the parameter after it began again. Its word may be late, and speak of a version from before: only one of
 * the same life that is heard when lower versions were no lag any more is taken for that.
 */
function isRestarted(known: Configuration, read: Configuration, word: HeardWord | undefined, since: number): boolean {
  if (word?.known !== known.version || read.version < word.version || word.life !== read.shard.life) return false;
  return word.isOfRestarted || word.heardAt - since >= LAG;
}

/** What a shard says, statement by statement. */
export function* statements({ tasks, removed }: Shard): Generator<TaskChange> {
  for (const [taskId, { targets, observed }] of tasks) {
    yield { kind: 'upsert', taskId, version: targets.version, observed, targets };
  }
  for (const [taskId, removal] of removed) yield { ...removal, taskId };
}
