/** What rules of the settings say. */
import { isDeepStrictEqual } from 'node:util';
import { portsOf, selectByRules } from '../../../functions/discovery/selection/rules.ts';
import { matchesRule, type ScrapeRule } from '../../../functions/discovery/selection/scrape-rule.ts';
import type { Selected, Selector } from '../../../functions/discovery/selection/select-endpoints.ts';
import type { Task } from '../../../functions/discovery/task/task.ts';
import type { TaskDefinition } from '../../../functions/discovery/task/task-definition.ts';
import type { DiscoverySettings } from '../../../functions/lambda/settings.ts';
import { asked } from './asked.ts';
import { failed, passed, type Step, skipped } from './explained-task.ts';

const STEP = 'rules';

/** What is looked at for them. */
interface Subject {
  readonly task: Task;
  readonly definition: TaskDefinition;
}

export function rulesSteps(
  { scrapeRules: rules, dockerLabels }: DiscoverySettings,
  { task, definition }: Subject,
  winner: Selector | undefined,
  selected: Selected | undefined,
): Step[] {
  if (rules.length === 0) return [skipped(STEP, 'the settings have none')];
  const matching = rules
    .map((rule, index) => ({ rule, text: ruleText(rule, index) }))
    .filter(({ rule }) => !rule.exclude && matchesRule(rule, task));
  const texts = matching.map(({ text }) => text);
  if (texts.length === 0) return [skipped(STEP, `none of ${rules.length} is for ${subject(task)}`)];
  if (winner === undefined || !selected) return [skipped(STEP, `${texts.join('; ')} (no container of that name)`)];
  const without = matching.flatMap(({ rule, text }) => leftOut(rule, text, definition));
  if (winner === 'rules') return [...asked(STEP, texts, selected), ...without];
  const first = winner === 'docker-labels' ? 'docker labels' : 'tags';
  return matching.flatMap(({ rule, text }) => {
    const { endpoints } = selectByRules([rule], task, definition, dockerLabels);
    const adds = endpoints.some((one) => selected.endpoints.some((known) => isDeepStrictEqual(one, known)));
    if (adds) return [passed(STEP, `${text}  ← adds to the ${first}`), ...leftOut(rule, text, definition)];
    return [skipped(STEP, `${text} (${first} come first, and no container maps another port of the rule)`)];
  });
}

/** Ports of a rule that it does not mean here, because a container maps another of them. */
function leftOut(rule: ScrapeRule, text: string, { containers }: TaskDefinition): Step[] {
  const meant = portsOf(rule, containers);
  const ports = [rule.port ?? []].flat().filter((port) => !meant.includes(port));
  if (ports.length === 0) return [];
  return [skipped(STEP, `${text} leaves ${ports.join(', ')} out: of several ports it means those in port mappings`)];
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
