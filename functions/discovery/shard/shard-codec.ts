/**
 * The text of a shard as its SSM parameter holds it: JSON that a person can read while it fits, compressed when it
 * no longer does. Labels that many tasks share are written once, in a group.
 */
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import * as z from 'zod/mini';
import type { Labels } from '../target/labels.ts';
import type { TaskTargets } from '../target/task-targets.ts';
import type { TaskId } from '../task/task.ts';
import type { Shard } from './shard.ts';

/** Largest value of an SSM parameter in bytes, by tier (AWS Systems Manager quotas). */
export const PARAMETER_BYTES = { Standard: 4096, Advanced: 8192 } as const;

export type ParameterTier = keyof typeof PARAMETER_BYTES;

export interface ShardDocument {
  /** Version of the parameter that the writer started from; anything but `version - 1` means two writers raced. */
  readonly base: number;
  readonly shard: Shard;
}

/** The document of a shard that holds nothing yet: the value a new parameter is created with. */
export const EMPTY_SHARD_DOCUMENT = '{"v":1,"base":0,"groups":[],"stopped":[]}';

/** The parameter holds something this code did not write. */
export class UnreadableShard extends Error {
  override readonly name = 'UnreadableShard';
}

const FORMAT = 1;
const COMPRESSED = 'br:';
/**
 * Up to this share of the limit a document stays JSON. Were it JSON up to the limit, a shard would look nearly full that
 * compression takes down to a quarter, and its alarm would go on for nothing.
 */
const READABLE_SHARE = 0.5;
/** A document cannot grow beyond this by decompression: a parameter holds 8 KB, and real ones unpack about fivefold. */
const MAX_UNPACKED_BYTES = 1 << 20;

const labels = z.record(z.string(), z.string());

const documentShape = z.object({
  v: z.literal(FORMAT),
  base: z.int().check(z.minimum(0)),
  groups: z.array(
    z.object({
      labels,
      targets: z.array(labels),
      /** Task id, task version, address, then a port for each of the group's targets. */
      tasks: z.array(z.tuple([z.string(), z.int(), z.string()], z.int())),
    }),
  ),
  stopped: z.array(z.tuple([z.string(), z.int()])),
});

type DocumentShape = z.infer<typeof documentShape>;

/**
 * The text of a document; JSON while that takes no more than half of `limit` bytes, compressed beyond, and undefined
 * where neither fits.
 */
export function encodeShard({ base, shard }: ShardDocument, limit: number): string | undefined {
  const shape: DocumentShape = {
    v: FORMAT,
    base,
    groups: groupsOf(shard.tasks.values()),
    stopped: [...shard.stopped].sort(([a], [b]) => (a < b ? -1 : 1)),
  };
  // SSM takes values with `{{` for references to other parameters and refuses them. Outside strings JSON has none.
  const json = JSON.stringify(shape).replaceAll('{{', '{\\u007b');
  const bytes = Buffer.byteLength(json);
  if (bytes <= limit * READABLE_SHARE) return json;
  const packed = COMPRESSED + compress(json);
  const shorter = packed.length < bytes ? packed : json;
  return Buffer.byteLength(shorter) <= limit ? shorter : undefined;
}

/**
 * Reads what {@link encodeShard} wrote.
 *
 * @throws UnreadableShard when the text is something else.
 */
export function decodeShard(text: string): ShardDocument {
  const parsed = documentShape.safeParse(unpack(text));
  if (!parsed.success) {
    const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'the document itself');
    throw new UnreadableShard(`not a shard document: missing or wrong ${[...new Set(fields)].join(', ')}`);
  }
  const { base, groups, stopped } = parsed.data;
  const tasks = groups.flatMap((group) => group.tasks.map((row) => taskOf(group, row)));
  return {
    base,
    shard: {
      tasks: new Map(tasks.map((task) => [task.taskId, task])),
      stopped: new Map(stopped.map(([taskId, until]) => [taskId as TaskId, until])),
    },
  };
}

function taskOf(
  group: DocumentShape['groups'][number],
  row: DocumentShape['groups'][number]['tasks'][number],
): TaskTargets {
  const [taskId, version, address, ...ports] = row;
  if (ports.length !== group.targets.length) {
    throw new UnreadableShard(
      `not a shard document: task ${taskId} has ${ports.length} ports for ${group.targets.length} targets`,
    );
  }
  return {
    taskId: taskId as TaskId,
    version,
    address,
    labels: group.labels,
    targets: group.targets.map((own, index) => ({ port: ports[index] ?? 0, labels: own })),
  };
}

/** Tasks with equal labels in one group; groups and tasks sorted, so that equal shards are equal bytes. */
function groupsOf(tasks: Iterable<TaskTargets>): DocumentShape['groups'] {
  const groups = new Map<string, DocumentShape['groups'][number]>();
  const sorted = [...tasks].sort((a, b) => (a.taskId < b.taskId ? -1 : 1));
  for (const { taskId, version, address, labels: shared, targets } of sorted) {
    const own: Labels[] = targets.map((target) => target.labels);
    const key = JSON.stringify([shared, own]);
    const group = groups.get(key) ?? { labels: { ...shared }, targets: own.map((it) => ({ ...it })), tasks: [] };
    group.tasks.push([taskId, version, address, ...targets.map(({ port }) => port)]);
    groups.set(key, group);
  }
  return [...groups.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, group]) => group);
}

const compress = (json: string): string =>
  brotliCompressSync(json, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: json.length,
      // Measured: 2 % larger than the best quality, in a quarter of its time.
      [constants.BROTLI_PARAM_QUALITY]: 10,
    },
  }).toString('base64');

function unpack(text: string): unknown {
  try {
    const json = text.startsWith(COMPRESSED)
      ? brotliDecompressSync(Buffer.from(text.slice(COMPRESSED.length), 'base64'), {
          maxOutputLength: MAX_UNPACKED_BYTES,
        }).toString()
      : text;
    return JSON.parse(json);
  } catch (cause) {
    throw new UnreadableShard('not a shard document: neither JSON nor compressed JSON', { cause });
  }
}
