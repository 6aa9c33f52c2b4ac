/**
 * Shards as their readers see them: the newest version whose `base` is its own number minus one. Why, is in
 * shard-store.ts, which writes them.
 */
import { backoff, type Clock } from '../discovery/clock.ts';
import { shardParameterName } from '../discovery/names.ts';
import { EMPTY_SHARD, type Shard } from '../discovery/shard/shard.ts';
import { decodeShard, type ShardDocument, UnreadableShard } from '../discovery/shard/shard-codec.ts';
import type { ParameterReader, ParameterValue } from './parameters.ts';

export type ShardRead = {
  /** The newest version of the parameter, whether it counts or not; 0 where there is no parameter. */
  readonly newest: number;
  /** When that one was written, in milliseconds since 1970 by SSM's clock, where it says so. */
  readonly newestAt?: number | undefined;
} & (
  | { readonly kind: 'shard'; readonly version: number; readonly shard: Shard }
  /** No version counts. */
  | { readonly kind: 'missing'; readonly parameter: string }
);

/** No version counts, or the newest one does not: the next write is due whatever it changes. */
export const needsRepair = (read: ShardRead): boolean => read.kind === 'missing' || read.newest !== read.version;

export interface ShardReader {
  /** The current state of some shards of a cluster, by shard number. */
  read(cluster: string, shards: readonly number[]): Promise<Map<number, ShardRead>>;
}

/** A version that must exist is not readable yet; SSM is eventually consistent. */
export class VersionNotVisible extends Error {
  override readonly name = 'VersionNotVisible';
}

export const notVisible = (parameter: string, version: number): VersionNotVisible =>
  new VersionNotVisible(`version ${version} of ${parameter} cannot be read yet: try again in a few seconds`);

export const createdAgain = (parameter: string): VersionNotVisible =>
  new VersionNotVisible(
    `${parameter} may have been created again, and a read may still show a version from before: try again in 30 seconds`,
  );

/** Versions that SSM keeps (AWS Systems Manager quotas). */
const VERSIONS_KEPT = 100;
/** A read may lag behind the version that a write just returned. */
const READ_AGAIN = { first: 50, longest: 1000 };
const READ_ATTEMPTS = 8;
/**
 * How long reads of a parameter that was deleted and created again may show what was there before, in milliseconds: "wait
 * for at least 30 seconds" before a deleted name is used again (Systems Manager API reference, DeleteParameter).
 */
export const DELETION_LAG = 30_000;

/** A version that was passed over, and what is in it. */
interface PassedVersion extends ShardDocument {
  readonly version: number;
}

/**
 * Whether the parameter was created again after that version was decided, so that what is read below it may be of either
 * life: nobody sees a version before it is there, and a life has one name.
 */
const isOfOtherLife = ({ base, version, shard: { life } }: PassedVersion, below: Shard): boolean =>
  base >= version || (life !== undefined && below.life !== undefined && life !== below.life);

export function createShardReader(parameters: ParameterReader, deployment: string, clock: Clock) {
  const nameOf = (cluster: string, shard: number): string => shardParameterName(deployment, cluster, shard);

  async function versionOf(parameter: string, version: number): Promise<ParameterValue> {
    for (let attempt = 0; ; attempt++) {
      const found = await parameters.getVersion(parameter, version);
      if (found) return found;
      if (attempt === READ_ATTEMPTS) throw notVisible(parameter, version);
      await clock.sleep(backoff(clock, attempt, READ_AGAIN));
    }
  }

  /**
   * Walks back to the newest version that counts. Each version is a read of its own, so where the parameter was created
   * again a moment ago, one of them may show the life before.
   *
   * @param known what was read a moment before: versions up to its newest one need no other look
   */
  async function interpret(
    parameter: string,
    found: ParameterValue | undefined,
    known?: ShardRead,
  ): Promise<ShardRead> {
    const newest = found?.version ?? 0;
    const at = { newest, newestAt: found?.writtenAt };
    const oldest = Math.max(1, newest - VERSIONS_KEPT + 1);
    const isNew = at.newestAt !== undefined && clock.now() - at.newestAt < DELETION_LAG;
    const passed: PassedVersion[] = [];
    const certain = (read: ShardRead): ShardRead => {
      const below = read.kind === 'shard' ? read.shard : EMPTY_SHARD;
      if (isNew && passed.some((it) => isOfOtherLife(it, below))) throw createdAgain(parameter);
      return read;
    };
    for (let version = newest, value = found; version >= oldest; version--) {
      if (version === known?.newest) return certain({ ...known, ...at });
      value = version === newest ? value : await versionOf(parameter, version);
      const document = documentIn(value?.value ?? '');
      if (document?.base === version - 1) {
        return certain({ kind: 'shard', ...at, version, shard: named(document.shard, value?.writtenAt) });
      }
      if (document) passed.push({ ...document, version });
    }
    return { kind: 'missing', ...at, parameter };
  }

  return {
    nameOf,

    async read(cluster: string, shards: readonly number[]): Promise<Map<number, ShardRead>> {
      const names = shards.map((shard) => nameOf(cluster, shard));
      const found = await parameters.get(names);
      const reads = await Promise.all(names.map((name) => interpret(name, found.get(name))));
      return new Map(shards.map((shard, index) => [shard, reads[index] as ShardRead]));
    },

    /**
     * Reads a shard to build on, once its newest version is at least this one; what is there, where that takes too long: a
     * parameter that was deleted and created again has lower versions.
     *
     * @param known what was read a moment before
     */
    async readAtLeast(cluster: string, shard: number, version: number, known?: ShardRead): Promise<ShardRead> {
      const parameter = nameOf(cluster, shard);
      for (let attempt = 0; ; attempt++) {
        const found = (await parameters.get([parameter])).get(parameter);
        if ((found?.version ?? 0) >= version || attempt === READ_ATTEMPTS) return interpret(parameter, found, known);
        await clock.sleep(backoff(clock, attempt, READ_AGAIN));
      }
    },
  };
}

/**
 * The name of a life of a parameter: when a version of it was written that names none, as the one that it is created with. So
 * those who race to write next agree, and two empty parameters are told apart.
 *
 * @param writtenAt milliseconds since 1970
 */
export const lifeSince = (writtenAt: number | undefined): string | undefined => writtenAt?.toString(36);

function named(shard: Shard, writtenAt: number | undefined): Shard {
  const life = shard.life ?? lifeSince(writtenAt);
  return life === undefined ? shard : { ...shard, life };
}

/** What a person wrote by hand holds nothing of ours: it does not count. */
function documentIn(text: string): ShardDocument | undefined {
  try {
    return decodeShard(text);
  } catch (error) {
    if (error instanceof UnreadableShard) return undefined;
    throw error;
  }
}
