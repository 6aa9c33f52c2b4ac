/** Reads the setting `scrapeRules`; what a rule may say is defined, and checked, by the code that applies it. */
import * as z from 'zod';
import { nearest } from '../../functions/discovery/nearest.ts';
import { RULE_KEYS, type ScrapeRule, scrapeRuleShape } from '../../functions/discovery/selection/scrape-rule.ts';
import { BadValue, type Shape, shape } from './shape.ts';

const rules = z.array(scrapeRuleShape);

export const scrapeRuleList: Shape<readonly ScrapeRule[]> = shape('a JSON array of scrape rules', (raw) => {
  const parsed = rules.safeParse(typeof raw === 'string' ? parseJson(raw) : raw);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${place(issue.path)}${sentenceOf(issue)}`);
  throw new BadValue(`must be a JSON array of scrape rules; ${problems.join('; ')}`);
});

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new BadValue(`must be a JSON array of scrape rules; '${text}' is not JSON`, { cause });
  }
}

/** Keys of the ECS observer and the CloudWatch agent, which some may try. */
const OBSERVER_KEYS: Readonly<Record<string, string>> = {
  name_pattern: 'service',
  sd_service_name_pattern: 'service',
  arn_pattern: 'taskDefinition',
  sd_task_definition_arn_pattern: 'taskDefinition',
  container_name_pattern: 'container',
  sd_container_name_pattern: 'container',
  metrics_ports: 'port',
  sd_metrics_ports: 'port',
  metrics_path: 'path',
  sd_metrics_path: 'path',
  job_name: 'job',
  sd_job_name: 'job',
};

/** A key that is not known is mostly one that is misspelt. */
function sentenceOf(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_key') return issue.issues.map(({ message }) => message).join('; ');
  if (issue.code !== 'unrecognized_keys') return issue.message;
  const sentences = issue.keys.map((key) => {
    const meant = OBSERVER_KEYS[key] ?? nearest(key, RULE_KEYS);
    return `${key} is not a key of a rule${meant === undefined ? '' : `; did you mean ${meant}?`}`;
  });
  return sentences.join('; ');
}

/** Where in the array the problem is, in the words of a person: `rule 2, port: `. */
function place(path: readonly PropertyKey[]): string {
  const [index, ...keys] = path;
  if (typeof index !== 'number') return '';
  return `rule ${[index + 1, ...keys.map(String)].join(', ')}: `;
}
