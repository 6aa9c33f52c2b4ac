/**
 * The text of a shard as its SSM parameter holds it: JSON that a person can read while it fits, compressed when it
 * no longer does.
 */
import * as z from 'zod/mini';
import { packed, unpacked } from '../packed-json.ts';
import { groupsShape, groupTargets, UnevenGroup, ungroupTargets } from '../target/target-groups.ts';
import type { TaskId } from '../task/task.ts';
import { wrongFields } from '../wrong-fields.ts';
import type { Shard } from './shard.ts';

/** Largest value of an SSM parameter in bytes, by tier (AWS Systems Manager quotas). */
export const PARAMETER_BYTES = { Standard: 4096, Advanced: 8192 } as const;

export type ParameterTier = keyof typeof PARAMETER_BYTES;

export interface ShardDocument {
  /** Newest version of the parameter that the writer saw; the document counts only as the version after it. */
  readonly base: number;
  readonly shard: Shard;
}

/** The document of a shard that holds nothing yet: the value a new parameter is created with. */
export const EMPTY_SHARD_DOCUMENT = '{"v":1,"base":0,"at":0,"groups":[],"removed":[]}';

/** The parameter holds something this code did not write. */
export class UnreadableShard extends Error {
  override readonly name = 'UnreadableShard';
}

const FORMAT = 1;
/**
 * Up to this share of the limit a document stays JSON. Were it JSON up to the limit, a shard would look nearly full that
 * compression takes down to a quarter, and its alarm would go on for nothing.
 */
const READABLE_SHARE = 0.5;
/**
 * Observations are written as seconds after an hour before the newest one, and 0 for what is older: digits cost bytes, and
 * a statement that is an hour late is rare enough to leave it to resync.
 */
const OBSERVED_WINDOW = 60 * 60;

/** The form of a document, unpacked. From the first release on, fields may be added; what there is stays as it is. */
export const documentShape = z.object({
  v: z.literal(FORMAT),
  base: z.int().check(z.minimum(0)),
  /** See {@link Shard.life}. */
  life: z.optional(z.string()),
  /** Time of the newest observation, in seconds since 1970. */
  at: z.int().check(z.minimum(0)),
  groups: groupsShape,
  /** Task id, task version, time of the observation, and 1 for a stop. */
  removed: z.array(z.tuple([z.string(), z.int(), z.int(), z.int()])),
});

type DocumentShape = z.infer<typeof documentShape>;

const written = (at: number) => (observed: number) => Math.max(0, observed - at + OBSERVED_WINDOW);
const read = (at: number) => (offset: number) => (offset === 0 ? 0 : at - OBSERVED_WINDOW + offset);

/**
 * The text of a document; JSON while that takes no more than half of `limit` bytes, compressed beyond, and undefined
 * where neither fits.
 */
export function encodeShard(
  { base, shard: { tasks, removed, life } }: ShardDocument,
  limit: number,
): string | undefined {
  const at = [...tasks.values(), ...removed.values()].reduce((newest, it) => Math.max(newest, it.observed), 0);
  const shape: DocumentShape = {
    v: FORMAT,
    base,
    ...(life !== undefined && { life }),
    at,
    groups: groupTargets(tasks.values(), written(at)),
    removed: [...removed]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([id, { kind, version, observed }]) => [id, version, written(at)(observed), kind === 'stop' ? 1 : 0]),
  };
  // SSM takes values with `{{` for references to other parameters and refuses them. Outside strings JSON has none.
  const json = JSON.stringify(shape).replaceAll('{{', '{\\u007b');
  const bytes = Buffer.byteLength(json);
  if (bytes <= limit * READABLE_SHARE) return json;
  const compressed = packed(json);
  const shorter = compressed.length < bytes ? compressed : json;
  return Buffer.byteLength(shorter) <= limit ? shorter : undefined;
}

/**
 * Reads what {@link encodeShard} wrote.
 *
 * @throws UnreadableShard when the text is something else.
 */
export function decodeShard(text: string): ShardDocument {
  const parsed = documentShape.safeParse(jsonOf(text));
  if (!parsed.success) {
    const fields = wrongFields(parsed.error, 'the document itself');
    throw new UnreadableShard(`not a shard document: missing or wrong ${fields}`);
  }
  const { base, life, at, groups, removed } = parsed.data;
  const timeOf = read(at);
  try {
    return {
      base,
      shard: {
        ...(life !== undefined && { life }),
        tasks: new Map(ungroupTargets(groups, timeOf).map((it) => [it.targets.taskId, it])),
        removed: new Map(
          removed.map(([id, version, offset, stopped]) => [
            id as TaskId,
            { kind: stopped === 1 ? 'stop' : 'deselect', version, observed: timeOf(offset) },
          ]),
        ),
      },
    };
  } catch (error) {
    if (error instanceof UnevenGroup) throw new UnreadableShard(`not a shard document: ${error.message}`);
    throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return unpacked(text);
  } catch (cause) {
    throw new UnreadableShard('not a shard document: neither JSON nor compressed JSON', { cause });
  }
}
