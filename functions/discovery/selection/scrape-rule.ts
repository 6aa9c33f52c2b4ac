/** A rule of the settings: tasks that match it are scraped without labels or tags of their own. */
import * as z from 'zod/mini';

const pattern = z.string().check(z.regex(/^[A-Za-z0-9_*-]+$/, 'letters, digits, "-", "_" and "*" only'));

export const scrapeRuleShape = z
  .strictObject({
    /** ECS service name, `*` stands for any characters. */
    service: z.optional(pattern),
    /** Task definition family, `*` stands for any characters. */
    taskDefinition: z.optional(pattern),
    /** Container port of the metrics endpoint. */
    port: z.int().check(z.minimum(1), z.maximum(65535)),
    /** Path of the metrics endpoint; default `/metrics`. */
    path: z.optional(z.string().check(z.startsWith('/', 'must start with "/"'))),
    /** Value of the `job` label. */
    job: z.optional(z.string().check(z.minLength(1))),
  })
  .check(
    z.refine(
      (rule) => rule.service !== undefined || rule.taskDefinition !== undefined,
      'needs service or taskDefinition',
    ),
  );

export type ScrapeRule = z.infer<typeof scrapeRuleShape>;

/** Whether a rule names this task; a rule with both patterns needs both to match. */
export function matchesRule(rule: ScrapeRule, task: { readonly service?: string; readonly family: string }): boolean {
  return matches(rule.service, task.service) && matches(rule.taskDefinition, task.family);
}

function matches(wanted: string | undefined, actual: string | undefined): boolean {
  if (wanted === undefined) return true;
  if (actual === undefined) return false;
  return new RegExp(`^${wanted.replaceAll('*', '.*')}$`).test(actual);
}
