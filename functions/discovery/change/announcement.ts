/**
 * The announcement: what the topic "targets changed" carries. It is a public contract, documented in
 * docs/how-it-works.md; who subscribes a queue of their own reads this form.
 *
 * It names no shard for a change: each consumer computes it from the task id, so that a change of the number of shards
 * leaves nothing behind.
 */
import * as z from 'zod/mini';
import { groupsShape, groupTargets, UnevenGroup, ungroupTargets } from '../target/target-groups.ts';
import { ECS_LAG_SECONDS } from '../task/not-yet-visible.ts';
import type { TaskId } from '../task/task.ts';
import { taskIdShape } from '../task/task-id.ts';
import { wrongFields } from '../wrong-fields.ts';
import type { TaskChange } from './change.ts';

export interface Announcement {
  readonly deployment: string;
  /** What the deployment calls the cluster, see cluster-key.ts. */
  readonly cluster: string;
  readonly changes: readonly TaskChange[];
  /** Instances in Cloud Map services of this deployment in which their tasks do not belong. */
  readonly misregistered: readonly Misregistered[];
  /** Shards that resync compared with ECS; the changes of the same announcement are what differed. */
  readonly compared: readonly ComparedShard[];
  /** Shards that have a new version. */
  readonly written: readonly WrittenShard[];
  /** When ECS says the earliest of the changes happened, in milliseconds since 1970; absent where it does not. */
  readonly changedAt?: number;
}

export interface Misregistered {
  /** Id of the Cloud Map service. */
  readonly serviceId: string;
  readonly taskId: TaskId;
}

export interface WrittenShard {
  readonly shard: number;
  /** Shards of the cluster, as far as the sender knows: a receiver that knows another number passes it over. */
  readonly shards: number;
  /** Version of the parameter. */
  readonly version: number;
}

export interface ComparedShard extends WrittenShard {
  /** When the look at the shard began, in seconds since 1970. */
  readonly at: number;
  /** Of the document that was compared: numbers of versions begin again in another life. See shard.ts. */
  readonly life?: string | undefined;
}

/**
 * A change that was observed this long before a shard was compared, in seconds, is in the version that was compared, or in
 * the same announcement.
 */
export const COMPARED_LAG_SECONDS = ECS_LAG_SECONDS;

/** A message that is no announcement, or holds what must not reach a collector. */
export class MalformedAnnouncement extends Error {
  override readonly name = 'MalformedAnnouncement';
}

/** Bytes of one message; SNS takes 256 KB, attributes included (Amazon SNS API reference, Publish). */
export const ANNOUNCEMENT_BYTES = 200_000;

const FORMAT = 1;
const whole = z.int().check(z.minimum(0));
const removalShape = z.array(z.tuple([taskIdShape, whole, whole, z.optional(z.string())]));

/** The form of a message. From the first release on, fields may be added; what there is stays as it is. */
export const announcementShape = z.object({
  v: z.literal(FORMAT),
  deployment: z.string(),
  cluster: z.string(),
  changedAt: z.optional(z.number()),
  upserts: z.optional(groupsShape),
  /** Task id, task version, time of the observation in seconds since 1970, ECS service if any. */
  stopped: z.optional(removalShape),
  deselected: z.optional(removalShape),
  misregistered: z.optional(z.array(z.object({ serviceId: z.string(), taskId: z.string() }))),
  compared: z.optional(
    z.array(z.object({ shard: whole, shards: whole, version: whole, at: whole, life: z.optional(z.string()) })),
  ),
  written: z.optional(z.array(z.object({ shard: whole, shards: whole, version: whole }))),
});

type AnnouncementShape = z.infer<typeof announcementShape>;

const asIs = (observed: number): number => observed;

/** An announcement as one or more messages, each with the changes that it carries. */
export function encodeAnnouncement(
  announcement: Announcement,
): { readonly body: string; readonly part: Announcement }[] {
  const body = JSON.stringify(shapeOf(announcement));
  const { changes, misregistered, compared, written, ...rest } = announcement;
  if (Buffer.byteLength(body) <= ANNOUNCEMENT_BYTES || changes.length + misregistered.length < 2) {
    return [{ body, part: announcement }];
  }
  const half = Math.ceil(changes.length / 2);
  const other = Math.floor(misregistered.length / 2);
  const first = { changes: changes.slice(0, half), misregistered: misregistered.slice(0, other) };
  const second = { changes: changes.slice(half), misregistered: misregistered.slice(other) };
  // What was compared goes with the last part. Where parts overtake each other, resync says it again the next time.
  return [
    ...encodeAnnouncement({ ...rest, ...first, compared: [], written: [] }),
    ...encodeAnnouncement({ ...rest, ...second, compared, written }),
  ];
}

function shapeOf({ changes, misregistered, compared, written, ...rest }: Announcement): AnnouncementShape {
  const upserts = changes.filter((change) => change.kind === 'upsert');
  const removals = (kind: 'stop' | 'deselect'): NonNullable<AnnouncementShape['stopped']> =>
    changes.flatMap((change) => {
      if (change.kind !== kind) return [];
      const row: [string, number, number] = [change.taskId, change.version, change.observed];
      return [change.service === undefined ? row : [...row, change.service]];
    }) as NonNullable<AnnouncementShape['stopped']>;
  const stopped = removals('stop');
  const deselected = removals('deselect');
  return {
    v: FORMAT,
    ...rest,
    ...(upserts.length > 0 && { upserts: groupTargets(upserts, asIs) }),
    ...(stopped.length > 0 && { stopped }),
    ...(deselected.length > 0 && { deselected }),
    ...(misregistered.length > 0 && { misregistered: misregistered.map((it) => ({ ...it })) }),
    ...(compared.length > 0 && { compared: compared.map((it) => ({ ...it })) }),
    ...(written.length > 0 && { written: written.map((it) => ({ ...it })) }),
  };
}

/**
 * Reads the body of a message.
 *
 * @throws MalformedAnnouncement saying which field is missing or wrong, not what it contains
 */
export function decodeAnnouncement(body: string): Announcement {
  const parsed = announcementShape.safeParse(parseJson(body));
  if (!parsed.success) {
    const fields = wrongFields(parsed.error, 'the message itself');
    throw new MalformedAnnouncement(`not an announcement: missing or wrong ${fields}`);
  }
  const { deployment, cluster, changedAt, upserts = [], stopped = [], deselected = [], ...lists } = parsed.data;
  return {
    deployment,
    cluster,
    changes: [...upsertsIn(upserts), ...removalsIn('stop', stopped), ...removalsIn('deselect', deselected)],
    misregistered: (lists.misregistered ?? []).map((it) => ({ ...it, taskId: it.taskId as TaskId })),
    compared: lists.compared ?? [],
    written: lists.written ?? [],
    ...(changedAt !== undefined && { changedAt }),
  };
}

function upsertsIn(groups: NonNullable<AnnouncementShape['upserts']>): TaskChange[] {
  try {
    return ungroupTargets(groups, asIs).map(({ targets, observed }) => ({
      kind: 'upsert',
      taskId: targets.taskId,
      version: targets.version,
      observed,
      targets,
    }));
  } catch (error) {
    if (error instanceof UnevenGroup) throw new MalformedAnnouncement(`not an announcement: ${error.message}`);
    throw error;
  }
}

const removalsIn = (kind: 'stop' | 'deselect', rows: NonNullable<AnnouncementShape['stopped']>): TaskChange[] =>
  rows.map(([taskId, version, observed, service]) => ({
    kind,
    taskId: taskId as TaskId,
    version,
    observed,
    ...(service !== undefined && { service }),
  }));

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new MalformedAnnouncement('not an announcement: not JSON');
  }
}
