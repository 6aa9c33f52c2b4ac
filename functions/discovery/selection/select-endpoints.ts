/** What says how to scrape a task: docker labels, else tags of its Cloud Map service, and rules of the settings. */
import type { Task } from '../task/task.ts';
import type { TaskDefinition } from '../task/task-definition.ts';
import { addedByRules } from './added-by-rules.ts';
import type { CloudMapServices } from './cloud-map-service.ts';
import { selectByCloudMapTags, unreadTags } from './cloud-map-tags.ts';
import { selectByDockerLabels } from './docker-labels.ts';
import { exclusionOf, selectByRules } from './rules.ts';
import type { ScrapeEndpoint, Selection } from './scrape-endpoint.ts';
import type { ScrapeRule } from './scrape-rule.ts';

/** In the order in which they are asked. */
export type Selector = 'docker-labels' | 'cloud-map-tags' | 'rules';

interface SelectionSettings {
  readonly scrapeRules: readonly ScrapeRule[];
  /** Docker labels that become labels of the targets. */
  readonly dockerLabels?: readonly string[];
}

export interface Selected extends Selection {
  /** The first that asks for the task to be scraped; rules may add to it. Absent where nothing asks. */
  readonly selectedBy?: Selector;
  /** A rule excludes the whole task. */
  readonly isExcluded?: boolean;
  /** The task without the containers that rules exclude. */
  readonly task: Task;
  /** Which of tags and rules applies cannot be said while Cloud Map is not known completely. */
  readonly undecided?: Error;
}

/**
 * Docker labels are asked before tags, also when what they ask for turns out to be wrong. Rules apply where neither says
 * anything; where one does, they add to it, see added-by-rules.ts.
 */
export function selectEndpoints(
  task: Task,
  definition: TaskDefinition,
  services: CloudMapServices,
  { scrapeRules, dockerLabels = [] }: SelectionSettings,
): Selected {
  const exclusion = exclusionOf(scrapeRules, task, definition);
  if (exclusion.task) return { ...NOTHING, isExcluded: true, task };
  const scraped = withoutContainers(definition, exclusion.containers);
  const byLabels = selectByDockerLabels(scraped, dockerLabels);
  const byRules = selectByRules(scrapeRules, task, scraped, dockerLabels);
  const candidates: readonly (readonly [Selector, Selection])[] = [
    ['docker-labels', byLabels],
    ...(services.tagged ? [['cloud-map-tags', selectByCloudMapTags(services.tagged)] as const] : []),
    ['rules', byRules],
  ];
  const [selectedBy, selection = NOTHING] = candidates.find(([, candidate]) => saysAnything(candidate)) ?? [];
  const unread = (services.others ?? []).flatMap(unreadTags);
  const undecided = saysAnything(byLabels) || services.tagged ? undefined : services.incomplete;
  const added = selection === byRules ? [] : addedByRules(selection.endpoints, byRules.endpoints, scraped);
  return {
    endpoints: [...selection.endpoints, ...added].filter(
      (endpoint) => !isExcluded(endpoint, definition, exclusion.containers),
    ),
    rejections: selection.rejections,
    warnings: [...byLabels.warnings, ...unread, ...(selection === byLabels ? [] : selection.warnings)],
    ...(selectedBy && { selectedBy }),
    ...(undecided && { undecided }),
    task: withoutContainers(task, exclusion.containers),
  };
}

const NOTHING: Selection = { endpoints: [], rejections: [], warnings: [] };

const saysAnything = ({ endpoints, rejections }: Selection): boolean => endpoints.length + rejections.length > 0;

/** A task or a definition as if these containers were not there. */
function withoutContainers<Whole extends { readonly containers: readonly { readonly name: string }[] }>(
  whole: Whole,
  excluded: ReadonlySet<string>,
): Whole {
  if (excluded.size === 0) return whole;
  return { ...whole, containers: whole.containers.filter(({ name }) => !excluded.has(name)) };
}

/** Whether an endpoint of which only the task is known is at a port that excluded containers alone have. */
function isExcluded(
  { container, containerPort }: ScrapeEndpoint,
  { containers }: TaskDefinition,
  excluded: ReadonlySet<string>,
): boolean {
  if (container !== undefined) return false;
  const serving = containers.filter(({ containerPorts }) => containerPorts.includes(containerPort));
  return serving.length > 0 && serving.every(({ name }) => excluded.has(name));
}
