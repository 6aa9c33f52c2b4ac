/** Task definitions as SSM parameters keep them from one resync to the next: a revision never changes. */
import * as z from 'zod/mini';
import { packed, unpacked } from '../packed-json.ts';
import type { TaskDefinition } from './task-definition.ts';

/** Another number for every change of {@link TaskDefinition}: what was kept before lacks what is new. */
const FORMAT = 1;

const definitionShape = z.strictObject({
  arn: z.string(),
  networkMode: z.string(),
  hasHealthCheck: z.optional(z.boolean()),
  containers: z.array(
    z.strictObject({
      name: z.string(),
      dockerLabels: z.record(z.string(), z.string()),
      containerPorts: z.array(z.int()),
    }),
  ),
});

const documentShape = z.object({ v: z.literal(FORMAT), definitions: z.array(definitionShape) });

/** The document that holds none: the value a new parameter is created with. */
export const NO_DEFINITIONS = '{"v":1,"definitions":[]}';

/**
 * The text of a document; of many definitions those that fit, the same ones each time.
 *
 * @param limit bytes of the parameter
 */
export function encodeDefinitions(definitions: readonly TaskDefinition[], limit: number): string {
  const sorted = definitions.toSorted((a, b) => (a.arn < b.arn ? -1 : 1));
  for (let count = sorted.length; count > 0; count = Math.floor(count * SHARE_THAT_STAYS)) {
    const text = packed(JSON.stringify({ v: FORMAT, definitions: sorted.slice(0, count) }));
    if (text.length <= limit) return text;
  }
  return NO_DEFINITIONS;
}

const SHARE_THAT_STAYS = 0.9;

/** Reads what {@link encodeDefinitions} wrote; nothing where it is something else. */
export function decodeDefinitions(text: string): readonly TaskDefinition[] {
  try {
    const { definitions } = documentShape.parse(unpacked(text));
    return definitions.map(({ hasHealthCheck, ...definition }) => ({
      ...definition,
      ...(hasHealthCheck !== undefined && { hasHealthCheck }),
    }));
  } catch {
    return [];
  }
}
