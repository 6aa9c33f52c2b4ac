/** The settings in a recording: those of the functions, or as the app takes them; what is not about a task is ignored. */
import * as z from 'zod/mini';
import { clusterKeyOf, type Here } from '../../../functions/discovery/cluster/cluster-key.ts';
import { DEFAULT_DEPLOYMENT, DEFAULT_NAMESPACES_PARAMETER } from '../../../functions/discovery/names.ts';
import { EXTRA_LABELS } from '../../../functions/discovery/target/labels.ts';
import { type LabelSettings, labelSettingsShape } from '../../../functions/discovery/target/task-labels.ts';
import type { DiscoverySettings } from '../../../functions/lambda/settings.ts';
import { dockerLabelNames, tagKeys } from '../../props/carried-labels.ts';
import { scrapeRuleList } from '../../props/scrape-rules.ts';
import { BadValue, choice, flag, list } from '../../props/shape.ts';
import { Problem } from '../problem.ts';

const names = z.union([
  z.array(z.string()),
  z.pipe(
    z.string(),
    z.transform((text) => text.split(',').map((name) => name.trim())),
  ),
]);

const shape = z.object({
  deployment: z.optional(z.string()),
  clusters: z.optional(names),
  here: z.optional(z.string().check(z.regex(/^arn:[^:]+:ecs:[^:]*:[^:]*$/))),
  externalId: z.optional(z.string()),
  shards: z.optional(z.coerce.number().check(z.int(), z.minimum(1))),
  shardTier: z.optional(z.enum(['Standard', 'Advanced'])),
  namespaces: z.optional(names),
  namespacesParameter: z.optional(z.string()),
  labels: z.optional(labelSettingsShape),
});

export const SETTINGS_ADVICE =
  'docs/settings.md says what each setting may be. Correct it in the file, or leave it out if it does not matter here.';

/** What a recording says beside its settings that decides about them. */
export interface RecordedContext {
  /** Clusters of the tasks in it. */
  readonly clusters: readonly string[];
  /** Where they are, or the first of them. */
  readonly here: Here;
  /** It has answers of Cloud Map. */
  readonly usesCloudMap: boolean;
}

/** @throws Problem naming the setting */
export function readRecordedSettings(
  raw: Readonly<Record<string, unknown>>,
  { clusters, here, usesCloudMap }: RecordedContext,
): DiscoverySettings {
  const parsed = shape.safeParse(raw);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path }) => path.join('.') || 'settings');
    throw new Problem(
      `The settings of the recording cannot be read: wrong ${[...new Set(wrong)].join(', ')}`,
      SETTINGS_ADVICE,
    );
  }
  const { namespaces = [], ...known } = parsed.data;
  const parameter = known.namespacesParameter;
  const needsParameter = namespaces.length > 0 || usesCloudMap;
  return {
    deployment: known.deployment ?? DEFAULT_DEPLOYMENT,
    clusters: known.clusters?.map((name) => (name.startsWith('arn:') ? clusterKeyOf(name, here) : name)) ?? clusters,
    here,
    ...(known.externalId && { externalId: known.externalId }),
    shards: known.shards ?? 1,
    shardTier: known.shardTier ?? 'Standard',
    namespacesParameter: parameter ?? (needsParameter ? DEFAULT_NAMESPACES_PARAMETER : undefined),
    scrapeRules: read('scrapeRules', raw, scrapeRuleList) ?? [],
    dockerLabels: read('dockerLabels', raw, dockerLabelNames) ?? [],
    labels: known.labels ?? labelsOf(raw),
    healthyOnly: read('healthyOnly', raw, flag) ?? false,
    resyncRemovalLimitPercent: 50,
  };
}

/** As the app takes them, see infra/settings/settings.ts. */
function labelsOf(raw: Readonly<Record<string, unknown>>): LabelSettings {
  const extra = read('extraLabels', raw, list(choice(...EXTRA_LABELS), 'names of labels'));
  const tags = read('tagLabels', raw, tagKeys);
  const meta = read('metaLabels', raw, flag);
  return { ...(extra && { extra: [...extra] }), ...(tags && { tags: [...tags] }), ...(meta && { meta }) };
}

function read<Value>(
  name: string,
  raw: Readonly<Record<string, unknown>>,
  parse: (value: unknown) => Value,
): Value | undefined {
  if (raw[name] === undefined || raw[name] === null) return undefined;
  try {
    return parse(raw[name]);
  } catch (cause) {
    if (!(cause instanceof BadValue)) throw cause;
    throw new Problem(`The setting ${name} of the recording ${cause.message}`, SETTINGS_ADVICE, { cause });
  }
}
