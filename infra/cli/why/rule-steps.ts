/** What rules of the settings say. */
import { matchesRule, type ScrapeRule } from '../../../functions/discovery/selection/scrape-rule.ts';
import type { Selected, Selector } from '../../../functions/discovery/selection/select-endpoints.ts';
import type { Task } from '../../../functions/discovery/task/task.ts';
import type { DiscoverySettings } from '../../../functions/lambda/settings.ts';
import { asked } from './asked.ts';
import { failed, type Step, skipped } from './explained-task.ts';

const STEP = 'rules';

export function rulesStep(
  rules: readonly ScrapeRule[],
  task: Task,
  winner: Selector | undefined,
  selected: Selected | undefined,
): Step[] {
  if (rules.length === 0) return [skipped(STEP, 'the settings have none')];
  const matching = rules.flatMap((rule, index) =>
    !rule.exclude && matchesRule(rule, task) ? [ruleText(rule, index)] : [],
  );
  if (winner === 'rules' && selected) return asked(STEP, matching, selected);
  if (matching.length === 0) return [skipped(STEP, `none of ${rules.length} is for ${subject(task)}`)];
  if (winner === undefined) return [skipped(STEP, `${matching.join('; ')} (no container of that name)`)];
  return [
    skipped(STEP, `${matching.join('; ')} (${winner === 'docker-labels' ? 'docker labels' : 'tags'} come first)`),
  ];
}

export function excluded(task: Task, { scrapeRules }: DiscoverySettings): Step {
  const index = scrapeRules.findIndex(
    (rule) => rule.exclude && rule.container === undefined && matchesRule(rule, task),
  );
  const rule = scrapeRules[index];
  return failed(
    STEP,
    `${rule ? ruleText(rule, index) : 'a rule'} excludes it, whatever else asks for it`,
    'Take the rule out of the setting scrapeRules, or make it narrower, and deploy.',
  );
}

const ruleText = (rule: ScrapeRule, index: number): string => `rule ${index + 1} ${JSON.stringify(rule)}`;

const subject = ({ service, family }: Task): string =>
  `${service === undefined ? '' : `service ${service}, `}task definition ${family}`;
