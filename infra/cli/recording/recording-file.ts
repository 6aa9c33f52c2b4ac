/** A recording as its file has it. */
import * as z from 'zod/mini';

const record = z.record(z.string(), z.unknown());
const event = z.union([
  z.pipe(
    z.object({ event: record }),
    z.transform(({ event }) => event),
  ),
  record,
]);
/** Keys that are not here are ignored. */
export const recordingShape = z.object({
  settings: z._default(record, {}),
  events: z._default(z.array(event), []),
  batches: z._default(z.array(z.array(event)), []),
  aws: z._default(
    z.record(z.string(), z.union([record, z.array(z.object({ when: z.optional(record), answer: record }))])),
    {},
  ),
  cloudMap: z.optional(z.object({ namespaces: z.array(z.string()), parameter: z.string() })),
});

export type RecordingFile = z.infer<typeof recordingShape>;
