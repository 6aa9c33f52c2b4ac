/** What is known of each shard, on the volume: it survives a restart of this process. */
import { join } from 'node:path';
import * as z from 'zod/mini';
import { decodeAnnouncement, encodeAnnouncement } from '../../../functions/discovery/change/announcement.ts';
import { decodeShard, encodeShard } from '../../../functions/discovery/shard/shard-codec.ts';
import type { TaskId } from '../../../functions/discovery/task/task.ts';
import type { HeardChange, ShardState } from '../sync/cluster-targets.ts';
import { replaceFile } from './atomic-file.ts';
import type { FileSystem } from './file-system.ts';

export interface StateFiles {
  /** Undefined where there is none, or none that can be read: the shard is then read from SSM. */
  load(cluster: string, shard: number): Promise<ShardState | undefined>;
  save(cluster: string, shard: number, state: ShardState): Promise<void>;
}

const shape = z.object({
  version: z.optional(z.int()),
  /** The configuration, in the form of its parameter. */
  document: z.optional(z.string()),
  /** Changes, in the form in which they are announced. */
  changes: z.array(z.string()),
  /** When each was heard of: task id and milliseconds since 1970. */
  heard: z.array(z.tuple([z.string(), z.number()])),
});

/** @param directory of these files, on the same volume as the target files and beside their folder */
export function createStateFiles(files: FileSystem, directory: string): StateFiles {
  const nameOf = (cluster: string, shard: number): string => `${cluster}-${shard}.state`;
  return {
    async load(cluster, shard) {
      try {
        return decode(await files.readFile(join(directory, nameOf(cluster, shard)), 'utf8'));
      } catch {
        return undefined;
      }
    },
    save: (cluster, shard, state) =>
      replaceFile(files, { directory, name: nameOf(cluster, shard), temporaries: directory }, encode(cluster, state)),
  };
}

function encode(cluster: string, { configuration, heard }: ShardState): string {
  const announcement = {
    ...{ deployment: '', cluster, misregistered: [], compared: [], written: [] },
    changes: heard.map(({ change }) => change),
  };
  const state: z.infer<typeof shape> = {
    ...(configuration && {
      version: configuration.version,
      document: encodeShard({ base: configuration.version, shard: configuration.shard }, Number.MAX_SAFE_INTEGER),
    }),
    changes: heard.length === 0 ? [] : encodeAnnouncement(announcement).map(({ body }) => body),
    heard: heard.map(({ change, heardAt }) => [change.taskId, heardAt]),
  };
  return `${JSON.stringify(state)}\n`;
}

function decode(text: string): ShardState {
  const { version, document, changes, heard } = shape.parse(JSON.parse(text));
  const times = new Map(heard.map(([taskId, heardAt]) => [taskId as TaskId, heardAt]));
  return {
    configuration:
      version === undefined || document === undefined ? undefined : { version, shard: decodeShard(document).shard },
    heard: changes
      .flatMap((body) => [...decodeAnnouncement(body).changes])
      .map((change): HeardChange => ({ change, heardAt: times.get(change.taskId) ?? 0 })),
  };
}
