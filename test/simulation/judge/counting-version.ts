/** Which version of a shard's parameter counts; worked out here a second time, because it is what the product must get right. */
import type { Group } from './target-groups.ts';

/** What a version says: the newest version that its writer saw, and its targets. */
export interface ShardText {
  readonly base: number;
  readonly groups: readonly Group[];
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
): { readonly version: number; readonly groups: readonly Group[] } | undefined {
  for (let version = newest; version > 0; version--) {
    const text = versionAt(version);
    if (text === undefined) return undefined;
    const document = read(text);
    if (document?.base === version - 1) return { version, groups: document.groups };
  }
  return undefined;
}
