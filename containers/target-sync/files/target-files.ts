import { join } from 'node:path';
import type { TargetGroup } from '../../../functions/discovery/target/file-sd.ts';
import { isLeftOver, writeIfOther } from './atomic-file.ts';
import type { FileSystem } from './file-system.ts';

/** The file_sd files in the folder that the collector watches. */
export interface TargetFiles {
  /** Writes a shard's file unless it has this content already. */
  write(cluster: string, shard: number, groups: readonly TargetGroup[]): Promise<'written' | 'unchanged'>;
  /** Whether there is a file of a shard. */
  has(cluster: string, shard: number): Promise<boolean>;
  /** Removes what a killed process left half written. */
  removeLeftOvers(): Promise<void>;
  /**
   * Removes files of shards that are not `kept`, of these clusters and of clusters that are no longer watched, and returns
   * their names. The folder holds nothing but target files.
   */
  removeShards(clusters: readonly string[], kept: (shard: number) => boolean): Promise<string[]>;
}

const fileName = (cluster: string, shard: number): string => `${cluster}-${shard}.json`;

/** A group a line: short, and easy to compare. */
const fileContent = (groups: readonly TargetGroup[]): string =>
  groups.length === 0 ? '[]\n' : `[\n${groups.map((group) => JSON.stringify(group)).join(',\n')}\n]\n`;

interface TargetFolders {
  /** The folder that the collector watches. */
  readonly directory: string;
  /** Where files are while they are being written. */
  readonly temporaries: string;
}

export function createTargetFiles(files: FileSystem, { directory, temporaries }: TargetFolders): TargetFiles {
  return {
    write: (cluster, shard, groups) =>
      writeIfOther(files, { directory, name: fileName(cluster, shard), temporaries }, fileContent(groups)),
    has: (cluster, shard) =>
      files.readFile(join(directory, fileName(cluster, shard))).then(
        () => true,
        () => false,
      ),
    async removeLeftOvers() {
      const names = (await files.readdir(temporaries)).filter(isLeftOver);
      await Promise.all(names.map((name) => files.rm(join(temporaries, name), { force: true })));
    },
    async removeShards(clusters, kept) {
      const removed = (await files.readdir(directory)).filter((name) => {
        const [, cluster, shard] = /^(.+)-(\d+)\.json$/.exec(name) ?? [];
        return cluster !== undefined && !(clusters.includes(cluster) && kept(Number(shard)));
      });
      await Promise.all(removed.map((name) => files.rm(join(directory, name), { force: true })));
      return removed;
    },
  };
}
