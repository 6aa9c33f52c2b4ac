/** What docker labels, tags and rules say, and which of them wins. */
import { describeError } from '../../../functions/aws/errors.ts';
import {
  type CloudMapServices,
  SCRAPE_TAGS,
  type TaggedCloudMapService,
} from '../../../functions/discovery/selection/cloud-map-service.ts';
import {
  ANNOTATIONS,
  DYNAMIC_EXPORT,
  LABEL_FAMILIES,
  suffixOf,
} from '../../../functions/discovery/selection/docker-label-names.ts';
import { selectByDockerLabels } from '../../../functions/discovery/selection/docker-labels.ts';
import { matchesRule, type ScrapeRule } from '../../../functions/discovery/selection/scrape-rule.ts';
import type { Selected, Selector } from '../../../functions/discovery/selection/select-endpoints.ts';
import type { Task } from '../../../functions/discovery/task/task.ts';
import type { TaskDefinition } from '../../../functions/discovery/task/task-definition.ts';
import type { DiscoverySettings } from '../../../functions/lambda/settings.ts';
import { adviceOnError, REJECTION_ADVICE, SELECT_ADVICE } from './advice.ts';
import { failed, passed, type Step, skipped, warning } from './explained-task.ts';
import type { SelectionFacts } from './facts.ts';

const LABELS_STEP = 'docker labels';
const TAGS_STEP = 'tags';
const RULES_STEP = 'rules';

export function selectionSteps(
  { task, definition, services, selected }: SelectionFacts,
  settings: DiscoverySettings,
): Step[] {
  if (definition instanceof Error) {
    return [failed('definition', describeError(definition), adviceOnError(definition))];
  }
  if (selected?.isExcluded) return [excluded(task, settings)];
  const winner = selected?.selectedBy;
  const labels = labelSteps(definition, settings, winner, selected);
  if (services instanceof Error)
    return [...labels, failed(TAGS_STEP, describeError(services), adviceOnError(services))];
  const tags = tagSteps(services, settings, task, winner, selected);
  const rules = rulesStep(settings.scrapeRules, task, winner, selected);
  const nothing =
    winner === undefined && !selected?.undecided
      ? [failed('selection', 'nothing asks for the task to be scraped', SELECT_ADVICE)]
      : [];
  return [...labels, ...tags, ...rules, ...nothing];
}

/** What one of the three asks for: what of it is right, and what is not. */
function asked(step: string, says: readonly string[], { rejections }: Pick<Selected, 'rejections'>): Step[] {
  return [
    ...says.map((text, index) => passed(step, index === 0 ? `${text}  ← decides` : text)),
    ...rejections.map(({ reason, message }) => failed(step, message, REJECTION_ADVICE[reason])),
  ];
}

function labelSteps(
  definition: TaskDefinition,
  { dockerLabels = [] }: DiscoverySettings,
  winner: Selector | undefined,
  selected: Selected | undefined,
): Step[] {
  const found = definition.containers.flatMap(({ name, dockerLabels: labels }) => {
    const ours = Object.entries(labels).filter(([label]) => isOurs(label));
    return ours.length === 0 ? [] : [`${name}: ${ours.map(([label, value]) => `${label}=${value}`).join(', ')}`];
  });
  const none = `none that asks for scraping on ${definition.containers.map(({ name }) => name).join(', ') || 'any container'}`;
  const warnings = selectByDockerLabels(definition, dockerLabels).warnings.map(({ message }) =>
    warning(
      LABELS_STEP,
      message,
      'A docker label is corrected in a new revision of the task definition; roll the service to it.',
    ),
  );
  if (winner === 'docker-labels' && selected) return [...asked(LABELS_STEP, found, selected), ...warnings];
  return [skipped(LABELS_STEP, found.length > 0 ? `${found.join('; ')} (asks for nothing)` : none), ...warnings];
}

const OUR_LABELS: readonly string[] = [DYNAMIC_EXPORT, ...Object.values(ANNOTATIONS)];

const isOurs = (label: string): boolean =>
  OUR_LABELS.includes(label) ||
  LABEL_FAMILIES.some(({ port, path, job, scheme }) =>
    [port, path, job, scheme].some((name) => suffixOf(label, name) !== undefined),
  );

function tagSteps(
  services: CloudMapServices,
  { namespacesParameter }: DiscoverySettings,
  { service }: Task,
  winner: Selector | undefined,
  selected: Selected | undefined,
): Step[] {
  if (namespacesParameter === undefined) return [skipped(TAGS_STEP, 'Cloud Map is not used by this deployment')];
  if (service === undefined) return [skipped(TAGS_STEP, 'a task without a service has no Cloud Map service')];
  const { tagged, others = [] } = services;
  const warnings = (selected?.warnings ?? [])
    .filter(({ message }) => message.startsWith('Cloud Map service '))
    .map(({ message }) => warning(TAGS_STEP, message, 'Correct the tag, then run "resync": a tag is no event.'));
  const undecided = selected?.undecided
    ? [failed(TAGS_STEP, selected.undecided.message, adviceOnError(selected.undecided))]
    : [];
  if (tagged && winner === 'cloud-map-tags' && selected)
    return [...asked(TAGS_STEP, [tagsOf(tagged)], selected), ...warnings];
  const says = tagged
    ? `${tagsOf(tagged)} (${winner === 'docker-labels' ? 'docker labels come first' : 'asks for nothing'})`
    : others.length > 0
      ? `none that asks for scraping on ${others.map(nameOf).join(', ')}`
      : `no Cloud Map service belongs to service ${service}`;
  return [skipped(TAGS_STEP, says), ...warnings, ...undecided];
}

const nameOf = ({ name, namespace }: TaggedCloudMapService): string => `${name} in ${namespace}`;

const tagsOf = (service: TaggedCloudMapService): string => {
  const tags = Object.values<string>(SCRAPE_TAGS).flatMap((tag) =>
    tag in service.tags ? [`${tag}=${service.tags[tag]}`] : [],
  );
  return `${nameOf(service)}: ${tags.join(', ')}`;
};

function rulesStep(
  rules: readonly ScrapeRule[],
  task: Task,
  winner: Selector | undefined,
  selected: Selected | undefined,
): Step[] {
  if (rules.length === 0) return [skipped(RULES_STEP, 'the settings have none')];
  const matching = rules.flatMap((rule, index) =>
    !rule.exclude && matchesRule(rule, task) ? [ruleText(rule, index)] : [],
  );
  if (winner === 'rules' && selected) return asked(RULES_STEP, matching, selected);
  if (matching.length === 0) return [skipped(RULES_STEP, `none of ${rules.length} is for ${subject(task)}`)];
  if (winner === undefined) return [skipped(RULES_STEP, `${matching.join('; ')} (no container of that name)`)];
  return [
    skipped(RULES_STEP, `${matching.join('; ')} (${winner === 'docker-labels' ? 'docker labels' : 'tags'} come first)`),
  ];
}

function excluded(task: Task, { scrapeRules }: DiscoverySettings): Step {
  const index = scrapeRules.findIndex(
    (rule) => rule.exclude && rule.container === undefined && matchesRule(rule, task),
  );
  const rule = scrapeRules[index];
  return failed(
    RULES_STEP,
    `${rule ? ruleText(rule, index) : 'a rule'} excludes it, whatever else asks for it`,
    'Take the rule out of the setting scrapeRules, or make it narrower, and deploy.',
  );
}

const ruleText = (rule: ScrapeRule, index: number): string => `rule ${index + 1} ${JSON.stringify(rule)}`;

const subject = ({ service, family }: Task): string =>
  `${service === undefined ? '' : `service ${service}, `}task definition ${family}`;
