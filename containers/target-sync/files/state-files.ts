/** What is known of each shard, on the volume: it survives a restart of this process. */
import { join } from 'node:path';
import * as z from 'zod/mini';
import { decodeAnnouncement, encodeAnnouncement } from '../../../functions/discovery/change/announcement.ts';
import { decodeShard, encodeShard } from '../../../functions/discovery/shard/shard-codec.ts';
import type { TaskId } from '../../../functions/discovery/task/task.ts';
import type { Configuration, HeardChange, ShardState } from '../sync/shard-state.ts';
import { writeIfOther } from './atomic-file.ts';
import type { FileSystem } from './file-system.ts';

export interface StateFiles {
  /** Undefined where there is none, or none that can be read: the shard is then read from SSM. */
  load(cluster: string, shard: number): Promise<ShardState | undefined>;
  /** Writes it unless it is there already. */
  save(cluster: string, shard: number, state: ShardState): Promise<void>;
  /** All that there are, of whatever cluster. */
  list(): Promise<{ readonly cluster: string; readonly shard: number }[]>;
  remove(cluster: string, shard: number): Promise<void>;
}

const configurationShape = z.object({
  version: z.int(),
  /** In the form of its parameter. */
  document: z.string(),
});

const shape = z.object({
  configuration: z.optional(configurationShape),
  lower: z.optional(z.extend(configurationShape, { since: z.number() })),
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
    async save(cluster, shard, state) {
      const place = { directory, name: nameOf(cluster, shard), temporaries: directory };
      await writeIfOther(files, place, encode(cluster, state));
    },
    async list() {
      return (await files.readdir(directory)).flatMap((name) => {
        const [, cluster, shard] = /^(.+)-(\d+)\.state$/.exec(name) ?? [];
        return cluster === undefined ? [] : [{ cluster, shard: Number(shard) }];
      });
    },
    remove: (cluster, shard) => files.rm(join(directory, nameOf(cluster, shard)), { force: true }),
  };
}

function encode(cluster: string, { configuration, lower, heard }: ShardState): string {
  const announcement = {
    deployment: '',
    cluster,
    misregistered: [],
    compared: [],
    written: [],
    changes: heard.map(({ change }) => change),
  };
  const state: z.infer<typeof shape> = {
    ...(configuration && { configuration: documentOf(configuration) }),
    ...(lower && { lower: { ...documentOf(lower), since: lower.since } }),
    changes: heard.length === 0 ? [] : encodeAnnouncement(announcement).map(({ body }) => body),
    heard: heard.map(({ change, heardAt }) => [change.taskId, heardAt]),
  };
  return `${JSON.stringify(state)}\n`;
}

const documentOf = ({ version, shard }: Configuration) => ({
  version,
  // Without a limit there is always a text.
  document: encodeShard({ base: version, shard }, Number.MAX_SAFE_INTEGER) as string,
});

const configurationIn = ({ version, document }: z.infer<typeof configurationShape>): Configuration => ({
  version,
  shard: decodeShard(document).shard,
});

function decode(text: string): ShardState {
  const { configuration, lower, changes, heard } = shape.parse(JSON.parse(text));
  const times = new Map(heard.map(([taskId, heardAt]) => [taskId as TaskId, heardAt]));
  return {
    configuration: configuration && configurationIn(configuration),
    ...(lower && { lower: { ...configurationIn(lower), since: lower.since } }),
    heard: changes
      .flatMap((body) => [...decodeAnnouncement(body).changes])
      .map((change): HeardChange => ({ change, heardAt: times.get(change.taskId) ?? 0 })),
  };
}
