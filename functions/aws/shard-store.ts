/**
 * Shards in SSM, which has no compare-and-set: only "overwrite", and the number of the version that this made.
 *
 * So a document names in `base` the newest version that its writer saw. **A version counts only if its base is its own
 * number minus one.** Readers take the newest version that counts. A writer whose put answers another number than
 * base + 1 has not written, and reads again. Of two racing writers exactly one gets the number that it needs; a put that
 * arrives late, a document that CloudFormation or a person puts in place, and text that nobody can read do not count.
 *
 * Two things it cannot promise. A read may lag, so a writer that finds nothing to do may have looked at the past; only a
 * write proves what the newest version is. And numbers are unique within one life of a parameter: it must not be deleted,
 * created again and written as often as before between what a read shows and the put that follows. Resync finds both.
 */
import { backoff, type Clock } from '../discovery/clock.ts';
import { type FittedShard, fitInto } from '../discovery/shard/fit-into.ts';
import { EMPTY_SHARD, forgetRemovals, offersTheSame, type Shard } from '../discovery/shard/shard.ts';
import { PARAMETER_BYTES, type ParameterTier } from '../discovery/shard/shard-codec.ts';
import type { TaskId } from '../discovery/task/task.ts';
import { isNamed, isThrottle } from './errors.ts';
import { createPace } from './pace.ts';
import type { Parameters } from './parameters.ts';
import {
  createdAgain,
  createShardReader,
  DELETION_LAG,
  lifeSince,
  needsRepair,
  notVisible,
  type ShardRead,
  type ShardReader,
} from './shard-reader.ts';

export interface ShardStore extends ShardReader {
  /**
   * Writes what `decide` makes of the shard, again with what is there then as often as another writer is first.
   *
   * @param decide the shard as it should be; undefined: leave it. Called again after each race, and where SSM has not taken
   *   the write within {@link DECISION_MILLISECONDS}.
   * @param deadline milliseconds since 1970 after which nothing is tried any more
   * @throws ShardFull, OutOfTime, or what SSM answers
   */
  update(
    cluster: string,
    shard: number,
    decide: (read: ShardRead) => Promise<Shard | undefined>,
    deadline: number,
  ): Promise<ShardUpdate>;
}

export interface ShardUpdate {
  /** What the shard holds now. */
  readonly shard: Shard;
  readonly version: number;
  readonly written: boolean;
  /** Tasks whose targets did not fit into the parameter; those that were in it are as they were. */
  readonly refused: readonly TaskId[];
  /** Bytes of the parameter that are used, in percent; 0 when nothing was written. */
  readonly fullness: number;
  /** How often another writer was first. */
  readonly races: number;
  readonly throttles: number;
  /** When another writer made the version that was found, in milliseconds since 1970; absent where it was this one. */
  readonly othersWroteAt?: number | undefined;
}

export class ShardFull extends Error {
  override readonly name = 'ShardFull';
}

/** The time did not suffice. A request that was not answered may have been carried out all the same. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/**
 * How long SSM may refuse what was decided before it is decided again: what it was decided by gets older, and a task may
 * have stopped meanwhile.
 */
export const DECISION_MILLISECONDS = 10_000;
const RACE_BACKOFF = { first: 50, longest: 1000 };

const shardIn = (read: ShardRead): Shard => (read.kind === 'shard' ? read.shard : EMPTY_SHARD);

const full = (parameter: string, limit: number): ShardFull =>
  new ShardFull(`${parameter} is over its ${limit} bytes: raise the setting "shards", deploy, and run resync`);

export function createShardStore(
  parameters: Parameters,
  settings: { readonly deployment: string; readonly shardTier: ParameterTier },
  clock: Clock,
): ShardStore {
  const limit = PARAMETER_BYTES[settings.shardTier];
  const reader = createShardReader(parameters, settings.deployment, clock);
  const pace = createPace(clock);
  /** Newest version of each parameter that is known here: a read that lags behind it would find nothing to do. */
  const seen = new Map<string, number>();
  /** When it was found that a parameter was created again, in milliseconds since 1970. */
  const begunAgain = new Map<string, number>();

  /** @throws VersionNotVisible while a read may show a life of the parameter that is known to have ended */
  function mustBeOfOneLife(parameter: string): void {
    const since = begunAgain.get(parameter);
    if (since !== undefined && clock.now() - since < DELETION_LAG) throw createdAgain(parameter);
  }

  /** @returns the number of the new version, or undefined where there is none until then, or it is not known */
  async function put(name: string, text: string, until: number, onThrottle: () => void): Promise<number | undefined> {
    for (;;) {
      await pace.turn();
      if (clock.now() >= until) return undefined;
      try {
        const made = await parameters.put(name, text);
        pace.faster();
        return made;
      } catch (error) {
        if (isNamed(error, 'TimeoutError')) return undefined;
        if (!isThrottle(error)) throw error;
        // Refused is not done: the same text is right as long as nobody else writes, and if somebody does, its number
        // will say so.
        onThrottle();
        pace.slower();
      }
    }
  }

  /** @throws ShardFull where not even what is there already fits */
  function fitted(parameter: string, wanted: Shard, read: ShardRead): FittedShard {
    const before = shardIn(read);
    const life = before.life ?? lifeSince(read.newestAt);
    const kept = { ...forgetRemovals(wanted, clock.now() / 1000), ...(life !== undefined && { life }) };
    const shard = fitInto(kept, before, read.newest, limit);
    if (!shard) throw full(parameter, limit);
    return shard;
  }

  return {
    read: reader.read,

    async update(cluster, shardNumber, decide, deadline) {
      const parameter = reader.nameOf(cluster, shardNumber);
      let races = 0;
      let throttles = 0;
      let known: ShardRead | undefined;
      let othersWroteAt: number | undefined;
      mustBeOfOneLife(parameter);
      for (let atLeast = seen.get(parameter) ?? 0; ; ) {
        // Among many writers the walk back would grow with each race, and so would the chance of the next one.
        const read = await reader.readAtLeast(cluster, shardNumber, atLeast, known);
        // A write on the past would never count, and each would push what counts out of the versions that SSM keeps.
        if (races > 0 && read.newest < atLeast) throw notVisible(parameter, atLeast);
        if (read.newest !== seen.get(parameter)) othersWroteAt ??= read.newestAt;
        seen.set(parameter, read.newest);
        const decidedAt = clock.now();
        const before = shardIn(read);
        const wanted = await decide(read);
        const tried = { races, throttles, othersWroteAt };
        const unchanged = { shard: before, version: read.newest, written: false, fullness: 0, ...tried };
        if (wanted === undefined) return { ...unchanged, refused: [] };
        const { text, shard, refused } = fitted(parameter, wanted, read);
        if (refused.length > 0 && !needsRepair(read) && offersTheSame(shard, before)) return { ...unchanged, refused };
        const until = Math.min(deadline, decidedAt + DECISION_MILLISECONDS);
        const made = await put(parameter, text, until, () => throttles++);
        seen.set(parameter, made ?? read.newest);
        if (made === read.newest + 1) {
          const fullness = Math.round((100 * Buffer.byteLength(text)) / limit);
          return { shard, version: made, written: true, refused, fullness, ...tried, throttles };
        }
        // On the same past it would be written again and again, until it is as often as that was, and counts.
        if (made !== undefined && made <= read.newest) begunAgain.set(parameter, clock.now());
        mustBeOfOneLife(parameter);
        if (clock.now() >= deadline)
          throw new OutOfTime(`${parameter} could not be written in time; it is tried again`);
        atLeast = made ?? read.newest;
        known = atLeast > read.newest ? read : undefined;
        const isLate = made === undefined && clock.now() >= until;
        if (!isLate) await clock.sleep(backoff(clock, races++, RACE_BACKOFF));
      }
    },
  };
}
