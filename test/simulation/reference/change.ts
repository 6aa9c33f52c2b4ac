/** Statements about tasks, their order, and what a set of them adds up to. */
import { gunzipSync, gzipSync } from 'node:zlib';
import type { ShardText } from '../judge/counting-version.ts';
import type { Group } from '../judge/target-groups.ts';

export interface Change {
  readonly taskId: string;
  readonly cluster: string;
  readonly version: number;
  /** Undefined: the task stopped. */
  readonly groups?: readonly Group[] | undefined;
}

/** The newest statement about each task. */
export type Known = Map<string, Change>;

/** @returns whether it was news; a stop is last whatever comes */
export function learn(known: Known, change: Change): boolean {
  const before = known.get(change.taskId);
  if (before && (!before.groups || (change.groups && change.version <= before.version))) return false;
  known.set(change.taskId, change);
  return true;
}

export const groupsIn = (known: Known): Group[] => [...known.values()].flatMap(({ groups }) => groups ?? []);

/** As text of a parameter: base, then all statements. */
export const encode = (base: number, known: Known): string =>
  gzipSync(JSON.stringify({ base, changes: [...known.values()] })).toString('base64');

export function decode(text: string): { readonly base: number; readonly known: Known } | undefined {
  try {
    const { base, changes } = JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString()) as {
      base: number;
      changes: Change[];
    };
    return { base, known: new Map(changes.map((change) => [change.taskId, change])) };
  } catch {
    return undefined;
  }
}

export function readText(text: string): ShardText | undefined {
  const document = decode(text);
  return document && { base: document.base, groups: groupsIn(document.known) };
}

/** The shard of a task. */
export const shardOf = (taskId: string, shards: number): number => Number.parseInt(taskId.slice(0, 8), 16) % shards;
