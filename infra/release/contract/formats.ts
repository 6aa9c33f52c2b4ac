/** Of the formats: every field of an announcement and of a shard document, and one of each as it is written. */
import * as z from 'zod';
import {
  type Announcement,
  announcementShape,
  decodeAnnouncement,
  encodeAnnouncement,
} from '../../../functions/discovery/change/announcement.ts';
import { decodeShard, documentShape, encodeShard } from '../../../functions/discovery/shard/shard-codec.ts';
import type { TaskId } from '../../../functions/discovery/task/task.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema | false;
  readonly prefixItems?: readonly Schema[];
  readonly [keyword: string]: unknown;
}

/** The pattern of a format is zod's, and may be another in its next version. */
const withoutPatterns = (_: string, part: Schema): unknown => {
  if (part?.['format'] === undefined) return part;
  const { pattern: __, ...rest } = part;
  return rest;
};

/** `announcement stopped[][2]`: what it may be, and whether it has to be there. */
function fieldsOf(path: string, schema: Schema, required: boolean): [string, string][] {
  const { properties = {}, required: names = [], items, prefixItems = [], ...rest } = schema;
  const { $schema: _, additionalProperties: __, ...constraints } = rest;
  return [
    [path, `${JSON.stringify(constraints, withoutPatterns)}${required ? ', required' : ''}`],
    ...Object.entries(properties).flatMap(([name, field]) => fieldsOf(`${path}.${name}`, field, names.includes(name))),
    ...prefixItems.flatMap((item, index) => fieldsOf(`${path}[${index}]`, item, true)),
    ...(items ? fieldsOf(`${path}[]`, items, false) : []),
  ];
}

const schemaOf = (shape: z.core.$ZodType): Schema =>
  // What is checked by code of ours has no JSON schema; the samples hold it.
  z.toJSONSchema(shape, { unrepresentable: 'any' }) as Schema;

export const formatEntries = (): [string, string][] => [
  ...fieldsOf('announcement', schemaOf(announcementShape), true),
  ...fieldsOf('shard document', schemaOf(documentShape), true),
];

const TASK = '0123456789abcdef0123456789abcdef' as TaskId;
const OTHER = 'fedcba9876543210fedcba9876543210' as TaskId;
const OBSERVED = 1_795_000_000;
const TARGETS = {
  taskId: TASK,
  version: 4,
  address: '10.0.0.1',
  labels: { cluster: 'prod', service: 'shop', taskdefinition: 'shop' },
  targets: [
    { port: 3000, labels: { __metrics_path__: '/metrics', job: 'shop' } },
    { port: 9779, labels: {} },
  ],
};
const ANNOUNCEMENT: Announcement = {
  deployment: 'ecs-prometheus-discovery',
  cluster: 'prod',
  changedAt: 1_795_000_000_123,
  changes: [
    { kind: 'upsert', taskId: TASK, version: 4, observed: OBSERVED, targets: TARGETS },
    { kind: 'stop', taskId: OTHER, version: 7, observed: OBSERVED, service: 'shop' },
    { kind: 'deselect', taskId: OTHER, version: 6, observed: OBSERVED },
  ],
  misregistered: [{ serviceId: 'srv-0123456789abcdef', taskId: OTHER }],
  compared: [{ shard: 0, shards: 4, version: 3, at: OBSERVED }],
  written: [{ shard: 1, shards: 4, version: 12 }],
};
const removed = (kind: 'stop' | 'deselect', version: number) => ({ kind, version, observed: OBSERVED - 60 });
/** Bytes: little enough for a document to be compressed. */
const TIGHT = 500;

/** What this version writes, by what it is. */
export function samples(): Readonly<Record<string, string>> {
  const tasks = new Map([[TASK, { targets: TARGETS, observed: OBSERVED }]]);
  const shard = { life: 'a1b2c3', tasks, removed: new Map([[OTHER, removed('stop', 7)]]) };
  const full = { ...shard, removed: new Map([[OTHER, removed('deselect', 6)]]) };
  return {
    announcement: encodeAnnouncement(ANNOUNCEMENT)[0]?.body ?? '',
    'shard document': encodeShard({ base: 11, shard }, 8192) ?? '',
    'compressed shard document': encodeShard({ base: 12, shard: full }, TIGHT) ?? '',
  };
}

/** Lists in place of the maps of a shard, so that two readings can be compared as JSON. */
const plain = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, part) => (part instanceof Map ? [...part] : part)));

/** What this version reads in a text that this or an earlier one has written. @throws when it cannot read it */
export const reading = (kind: string, text: string): unknown =>
  plain(kind === 'announcement' ? decodeAnnouncement(text) : decodeShard(text));
