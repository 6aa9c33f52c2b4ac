import { join } from 'node:path';
import * as z from 'zod/mini';
import { replaceFile } from './atomic-file.ts';
import type { FileSystem } from './file-system.ts';

/**
 * The version that is published of each shard. It outlives the process, beside the files, so that a read that lags
 * behind does not bring old targets back after a restart either.
 */
export interface VersionMemory {
  get(cluster: string, shard: number): number | undefined;
  /**
   * Remembers a version. Called before the targets are written: a process killed in between then refuses to go back
   * behind a version that it never wrote, which costs nothing, since it writes that version next.
   */
  set(cluster: string, shard: number, version: number): Promise<void>;
  /** Names of the clusters of which it remembers a shard. */
  clusters(): string[];
}

/** The collector's pattern, `*.json`, does not match it. */
const FILE = 'target-sync.versions';

const shape = z.record(z.string(), z.int().check(z.minimum(0)));

const keyOf = (cluster: string, shard: number): string => `${cluster}/${shard}`;

export async function loadVersionMemory(files: FileSystem, directory: string): Promise<VersionMemory> {
  const versions = await load(files, join(directory, FILE));
  return {
    get: (cluster, shard) => versions.get(keyOf(cluster, shard)),
    async set(cluster, shard, version) {
      const key = keyOf(cluster, shard);
      if (versions.get(key) === version) return;
      const next = { ...Object.fromEntries(versions), [key]: version };
      await replaceFile(files, directory, FILE, `${JSON.stringify(next)}\n`);
      versions.set(key, version);
    },
    clusters: () => [...new Set([...versions.keys()].map((key) => key.slice(0, key.lastIndexOf('/'))))],
  };
}

/** A missing or damaged file is no memory: the worst that follows is one refresh that trusts what it reads. */
async function load(files: FileSystem, path: string): Promise<Map<string, number>> {
  try {
    return new Map(Object.entries(shape.parse(JSON.parse(await files.readFile(path, 'utf8')))));
  } catch {
    return new Map();
  }
}
