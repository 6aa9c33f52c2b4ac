/** Reads a queue message: the EventBridge envelope around the event that names the shards with a new version. */
import * as z from 'zod/mini';
import { TARGETS_CHANGED, type TargetsChanged } from '../../functions/discovery/names.ts';

const whole = z.int().check(z.minimum(0));

const envelope = z.object({
  source: z.literal(TARGETS_CHANGED.source),
  'detail-type': z.literal(TARGETS_CHANGED.detailType),
  detail: z.object({
    deployment: z.string(),
    cluster: z.string(),
    shards: z.array(z.object({ shard: whole, version: whole })),
  }),
});

/** The event in the body of a message, or undefined when the body is something else. */
export function changesInMessage(body: string): TargetsChanged | undefined {
  try {
    return envelope.safeParse(JSON.parse(body)).data?.detail;
  } catch {
    return undefined;
  }
}
