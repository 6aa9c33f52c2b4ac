/**
 * What a version of a shard says together with the versions that it overwrote unseen.
 *
 * A version with base b includes everything up to b: its writer merged before it wrote. So the versions between its
 * base and itself are what it overwrote, and each of them is merged with what the version it started from said: only
 * by that can be told what its writer changed from what it carried along.
 */
import { backoff, type Clock } from '../discovery/clock.ts';
import { EMPTY_SHARD, mergeShards, type Shard } from '../discovery/shard/shard.ts';
import { decodeShard, type ShardDocument, UnreadableShard } from '../discovery/shard/shard-codec.ts';
import type { Parameters } from './parameters.ts';

/** A read may lag behind the version that a write just returned (SSM is eventually consistent). */
export const READ_AGAIN = { first: 50, longest: 1000 };
export const READ_ATTEMPTS = 8;

/** Versions that SSM keeps (AWS Systems Manager quotas). */
const VERSIONS_KEPT = 100;
/**
 * Races upon races that are followed back to tell changes apart. Each costs a request, and where it ends nothing is lost
 * but a removal that is no stop; a resync finds that.
 */
const RACES_FOLLOWED = 10;

/** Most versions that are asked for before it is known whether they are needed. */
const FETCHED_AT_ONCE = 4;

export interface ShardHistory {
  /**
   * The state of the shard at a version.
   *
   * @throws UnreadableShard when a version that was overwritten cannot be read any more.
   */
  upTo(version: number, document: ShardDocument): Promise<Shard>;
}

/** Remembers what it read: a version never changes. */
export function createShardHistory(
  parameters: Pick<Parameters, 'getVersion'>,
  parameter: string,
  clock: Clock,
): ShardHistory {
  const documents = new Map<number, Promise<ShardDocument | undefined>>();
  const starts = new Map<number, Promise<Shard>>();

  function documentOf(version: number): Promise<ShardDocument | undefined> {
    const known = documents.get(version) ?? read(version);
    documents.set(version, known);
    return known;
  }

  /** Asks for versions that will be needed, all at once: the less time a repair takes, the fewer races it meets. */
  function fetch(from: number, to: number): void {
    for (let version = Math.max(from, 1); version < to; version++) documentOf(version).catch(() => {});
  }

  async function read(version: number): Promise<ShardDocument | undefined> {
    for (let attempt = 0; attempt < READ_ATTEMPTS; attempt++) {
      const found = await parameters.getVersion(parameter, version);
      if (found) return readable(found.value);
      await clock.sleep(backoff(clock, attempt, READ_AGAIN));
    }
    throw new UnreadableShard(`version ${version} of ${parameter}, which a racing writer overwrote, is gone`);
  }

  async function upTo(version: number, document: ShardDocument, races: number): Promise<Shard> {
    let merged = document.shard;
    let included = baseOf(version, document);
    if (included < version - 1) fetch(Math.max(included, version - FETCHED_AT_ONCE), version);
    for (let earlier = version - 1; earlier > included; earlier--) {
      const overwritten = await documentOf(earlier);
      if (overwritten === undefined) continue;
      const base = baseOf(earlier, overwritten);
      const common = Math.min(included, base);
      const start = common > version - VERSIONS_KEPT ? await startOf(common, races) : EMPTY_SHARD;
      merged = mergeShards(overwritten.shard, merged, start);
      included = Math.max(included, base);
    }
    return merged;
  }

  function startOf(version: number, races: number): Promise<Shard> {
    const known = starts.get(version) ?? readStart(version, races);
    starts.set(version, known);
    return known;
  }

  /** Where what they started from is gone, all that either has is kept. */
  async function readStart(version: number, races: number): Promise<Shard> {
    if (version === 0 || races === 0) return EMPTY_SHARD;
    try {
      const document = await documentOf(version);
      return document ? await upTo(version, document, races - 1) : EMPTY_SHARD;
    } catch (error) {
      if (error instanceof UnreadableShard) return EMPTY_SHARD;
      throw error;
    }
  }

  return { upTo: (version, document) => upTo(version, document, RACES_FOLLOWED) };
}

/** A parameter that was deleted and made again counts from 1: a base from before says nothing about the new versions. */
const baseOf = (version: number, { base }: ShardDocument): number => (base < version ? base : 0);

/** What somebody wrote by hand holds nothing of ours: it is passed over, or one such version would spoil those after it. */
function readable(text: string): ShardDocument | undefined {
  try {
    return decodeShard(text);
  } catch (error) {
    if (error instanceof UnreadableShard) return undefined;
    throw error;
  }
}
