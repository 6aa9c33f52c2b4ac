/** Which version of a shard's parameter counts; worked out here a second time, because it is what the product must get right. */
import type { Group } from './target-groups.ts';

/** What a version says. */
export interface ShardText {
  /** Newest version that its writer saw. */
  readonly base: number;
  /** Which life of the parameter its writer saw, where it names that. */
  readonly life?: string | undefined;
  readonly groups: readonly Group[];
}

/** A version that counts. */
export interface CountingVersion extends ShardText {
  readonly version: number;
}

/** @returns undefined for what nobody can read */
export type ReadShardText = (text: string) => ShardText | undefined;

/**
 * @param newest number of the newest version
 * @param versionAt the text of a version, as long as SSM keeps it
 * @returns the newest version whose base is its own number minus one
 */
export function countingVersion(
  newest: number,
  versionAt: (version: number) => string | undefined,
  read: ReadShardText,
): CountingVersion | undefined {
  for (let version = newest; version > 0; version--) {
    const text = versionAt(version);
    if (text === undefined) return undefined;
    const document = read(text);
    if (document?.base === version - 1) return { ...document, version };
  }
  return undefined;
}
