/** Relabelling rules in Prometheus' own words (Prometheus documentation, "relabel_config"). */
import * as z from 'zod';
import { LABELS } from '../../../../functions/discovery/target/labels.ts';

const ACTIONS = [
  ...(['replace', 'keep', 'drop', 'hashmod', 'labelmap', 'labeldrop', 'labelkeep'] as const),
  ...(['lowercase', 'uppercase', 'keepequal', 'dropequal'] as const),
];

/** Actions that write, or compare with, one label. */
const WITH_TARGET: readonly string[] = ['replace', 'hashmod', 'lowercase', 'uppercase', 'keepequal', 'dropequal'];
/** Actions that look at names of labels and at nothing else. */
const ON_NAMES: readonly string[] = ['labeldrop', 'labelkeep'];

/** What JavaScript takes and RE2, which Prometheus uses, does not (github.com/google/re2, "Syntax"). */
const NOT_RE2 = /\(\?<?[=!]|\\[1-9]|\\k</;

/** JavaScript says whether the parentheses are right; what only RE2 knows is taken out before. */
function asJavaScript(regex: string): RegExp | undefined {
  if (NOT_RE2.test(regex)) return undefined;
  try {
    return new RegExp(`^(?:${regex.replaceAll(/\(\?[imsU-]+\)/g, '').replaceAll('(?P<', '(?<')})$`, 's');
  } catch {
    return undefined;
  }
}

const REGEX = 'must be a regular expression as Prometheus takes it (RE2: no look-around, no back references)';

export const relabelConfig = z
  .strictObject({
    source_labels: z.array(z.string().min(1)).optional(),
    separator: z.string().optional(),
    regex: z
      .union([z.string(), z.number(), z.boolean()], REGEX)
      .transform(String)
      .refine((regex) => asJavaScript(regex) !== undefined, REGEX)
      .optional(),
    modulus: z.int().positive('must be a whole number above 0').optional(),
    target_label: z.string().min(1).optional(),
    replacement: z.string().optional(),
    action: z.enum(ACTIONS, `must be one of ${ACTIONS.join(', ')}`).optional(),
  })
  .check(({ value, issues }) => {
    const { action = 'replace', target_label, modulus, regex, source_labels, replacement } = value;
    const problem = (message: string) => issues.push({ code: 'custom', message, input: value });
    if (WITH_TARGET.includes(action) && target_label === undefined) problem(`action ${action} needs target_label`);
    if (action === 'hashmod' && modulus === undefined) problem('action hashmod needs modulus');
    if (!ON_NAMES.includes(action)) return;
    if (regex === undefined) problem(`action ${action} needs regex`);
    if ([source_labels, target_label, modulus, replacement].some((other) => other !== undefined)) {
      problem(`action ${action} takes regex alone`);
    }
  });

/** @see relabelConfig */
export type RelabelConfig = z.input<typeof relabelConfig>;

/** Labels by which alert rules and dashboards find what was discovered. */
const NEEDED = [LABELS.taskId, LABELS.cluster, LABELS.service];

/** Those of them that these rules drop. */
export const labelsLost = (rules: readonly RelabelConfig[] = []): readonly string[] =>
  NEEDED.filter((label) =>
    rules.some(({ action, regex }) => {
      const matches = asJavaScript(String(regex))?.test(label);
      return (action === 'labeldrop' && matches === true) || (action === 'labelkeep' && matches === false);
    }),
  );
