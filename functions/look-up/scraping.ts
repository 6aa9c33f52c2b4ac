/** Finds out what a task offers to be scraped: its endpoints, their addresses, and where it is to be registered. */
import type { Ec2 } from '../aws/ec2.ts';
import { INSTANCES_PER_CALL } from '../aws/ec2.ts';
import { type Ecs, TASKS_PER_CALL } from '../aws/ecs.ts';
import type { Clock } from '../discovery/clock.ts';
import type { CloudMapServices } from '../discovery/selection/cloud-map-service.ts';
import { selectByCloudMapTags, unreadTags } from '../discovery/selection/cloud-map-tags.ts';
import { selectByDockerLabels } from '../discovery/selection/docker-labels.ts';
import type { Rejection } from '../discovery/selection/rejection.ts';
import { exclusionOf, selectByRules } from '../discovery/selection/rules.ts';
import type { ScrapeEndpoint, Selection } from '../discovery/selection/scrape-endpoint.ts';
import type { Warning } from '../discovery/selection/warning.ts';
import { usesHostAddress } from '../discovery/target/address.ts';
import { type Registration, registrationOf } from '../discovery/target/registration.ts';
import { type TaskTargets, targetsOfTask } from '../discovery/target/task-targets.ts';
import type { Task } from '../discovery/task/task.ts';
import type { TaskDefinition } from '../discovery/task/task-definition.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import type { RegistryLookup } from './cloud-map-services.ts';
import { createLoader } from './expiring-loader.ts';

/** What says how to scrape a task, in the order in which they are asked. */
export type Selector = 'docker-labels' | 'cloud-map-tags' | 'rules';

/** What a running task offers. */
export interface Scraping {
  /** Absent when nothing selects the task or nothing of it can be scraped. */
  readonly targets?: TaskTargets;
  readonly registration?: Registration;
  readonly rejections: readonly Rejection[];
  /** Labels and tags of the task that have no effect, though they look as if they were meant to. */
  readonly warnings: readonly Warning[];
  /** What asks for the task to be scraped; absent where nothing does. */
  readonly selectedBy?: Selector;
  /** A rule of the settings excludes the whole task, whatever else asks for it. */
  readonly isExcluded?: boolean;
}

export interface ScrapingLookup {
  /**
   * @param since milliseconds since 1970; what AWS said before is not good enough
   * @throws when AWS does not say; the task is then neither scraped nor unscraped.
   */
  ofTask(task: Task, since?: number): Promise<Scraping>;
  /** Whether anything asks for the task to be scraped; needs no address. */
  isSelected(task: Task): Promise<boolean>;
  /** Id of the Cloud Map service that this deployment registers the task in. */
  registryOf(task: Task): Promise<string | undefined>;
}

/** A revision never changes; the limit only bounds the memory. */
const TASK_DEFINITION_SECONDS = 24 * 60 * 60;
/** The address of a host does not change while it runs. */
const HOST_SECONDS = 60 * 60;

export function createScrapingLookup(
  deps: { readonly ecs: Ecs; readonly ec2: Ec2; readonly registries: RegistryLookup; readonly clock: Clock },
  settings: DiscoverySettings,
): ScrapingLookup {
  const { ecs, ec2, registries, clock } = deps;
  const definitions = createLoader<TaskDefinition>(
    async ([arn = '']) => new Map([[arn, await ecs.describeTaskDefinition(arn)]]),
    { batchSize: 1, seconds: TASK_DEFINITION_SECONDS, clock },
  );
  const instanceIds = new Map(
    settings.clusters.map((cluster) => [
      cluster,
      createLoader(
        explained((arns) => ecs.describeContainerInstances(cluster, arns), 'ECS gives no answer for'),
        {
          batchSize: TASKS_PER_CALL,
          seconds: HOST_SECONDS,
          clock,
        },
      ),
    ]),
  );
  const addresses = createLoader(
    explained((ids) => ec2.privateAddresses(ids), 'EC2 gives no answer for'),
    {
      batchSize: INSTANCES_PER_CALL,
      seconds: HOST_SECONDS,
      clock,
    },
  );

  async function hostAddress(task: Task): Promise<string | undefined> {
    if (task.containerInstanceArn === undefined) return undefined;
    const instanceId = await instanceIds.get(task.cluster)?.load(task.containerInstanceArn);
    return instanceId ? ((await addresses.load(instanceId)) ?? undefined) : undefined;
  }

  async function servicesOf(task: Task, since?: number): Promise<CloudMapServices> {
    return task.service === undefined ? {} : registries.of(task.cluster, task.service, since);
  }

  /** The first of the three that applies wins, also when what it asks for turns out to be wrong. */
  async function select(task: Task, since?: number): Promise<Selected> {
    const whole = await definitions.load(task.taskDefinitionArn);
    const { dockerLabels = [], scrapeRules } = settings;
    const exclusion = exclusionOf(scrapeRules, task, whole);
    if (exclusion.task) return { ...NOTHING, isExcluded: true, definition: whole, services: {} };
    const definition = withoutContainers(whole, exclusion.containers);
    const services = await servicesOf(task, since);
    const byLabels = selectByDockerLabels(definition, dockerLabels);
    // Which of the tags and rules applies cannot be said while a namespace is unknown.
    if (!saysAnything(byLabels) && !services.tagged && services.incomplete) throw services.incomplete;
    const candidates: readonly (readonly [Selector, Selection])[] = [
      ['docker-labels', byLabels],
      ...(services.tagged ? [['cloud-map-tags', selectByCloudMapTags(services.tagged)] as const] : []),
      ['rules', selectByRules(scrapeRules, task, definition, dockerLabels)],
    ];
    const [selectedBy, selection = NOTHING] = candidates.find(([, candidate]) => saysAnything(candidate)) ?? [];
    const warnings = [byLabels.warnings, ...(services.others ?? []).map(unreadTags), selection.warnings];
    return {
      endpoints: selection.endpoints.filter((endpoint) => !isOfContainers(endpoint, whole, exclusion.containers)),
      rejections: selection.rejections,
      warnings: [...new Set(warnings.flat())],
      ...(selectedBy && { selectedBy }),
      excludedContainers: exclusion.containers,
      definition,
      services,
    };
  }

  return {
    async ofTask(task, since) {
      const selected = await select(task, since);
      const { endpoints, rejections, warnings, selectedBy, isExcluded, definition, services } = selected;
      const about = { warnings, ...(selectedBy && { selectedBy }), ...(isExcluded && { isExcluded }) };
      if (endpoints.length === 0) return { rejections, ...about };
      const observed = withoutContainers(task, selected.excludedContainers);
      const made = targetsOfTask(observed, definition.networkMode, endpoints, {
        hostAddress: usesHostAddress(definition.networkMode) ? await hostAddress(task) : undefined,
        namespace: (services.tagged ?? services.owned)?.namespace,
      });
      return {
        rejections: [...rejections, ...made.rejections],
        ...about,
        ...(made.targets && { targets: made.targets }),
        ...(made.targets && services.owned && { registration: registrationOf(services.owned.id, task, made.targets) }),
      };
    },

    async isSelected(task) {
      return (await select(task)).endpoints.length > 0;
    },

    async registryOf(task) {
      const { owned, incomplete } = await servicesOf(task);
      if (!owned && incomplete) throw incomplete;
      return owned?.id;
    },
  };
}

/** The task is published, and AWS does not answer now what it answered then. */
export class AnswerIncomplete extends Error {
  override readonly name = 'AnswerIncomplete';
}

/**
 * What a running task offers, to the best of what can be known. One that is published and seems to offer nothing any more
 * is looked at again: what is remembered of Cloud Map may be from before its tags were set.
 *
 * @param since when the task was observed, in milliseconds since 1970
 */
export async function scrapingOf(
  lookup: ScrapingLookup,
  task: Task,
  { isPublished, since }: { readonly isPublished: boolean; readonly since: number },
): Promise<Scraping> {
  const remembered = await lookup.ofTask(task);
  if (remembered.targets || !isPublished) return remembered;
  const fresh = await lookup.ofTask(task, since);
  const gap = fresh.rejections.find(({ incomplete }) => incomplete);
  if (!fresh.targets && gap) throw new AnswerIncomplete(gap.message);
  return fresh;
}

/** The same request, with a reason for each key that the answer leaves out: nothing follows from that about the task. */
function explained<Value>(
  request: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  problem: string,
): (keys: readonly string[]) => Promise<ReadonlyMap<string, Value | Error>> {
  return async (keys) => {
    const found = await request(keys);
    const missing = keys.filter((key) => !found.has(key));
    return new Map<string, Value | Error>([
      ...found,
      ...missing.map((key) => [key, new Error(`${problem} ${key}, the host of the task`)] as const),
    ]);
  };
}

interface Selected extends Selection {
  readonly selectedBy?: Selector;
  readonly isExcluded?: boolean;
  readonly excludedContainers?: ReadonlySet<string>;
  /** Without the containers that are excluded. */
  readonly definition: TaskDefinition;
  readonly services: CloudMapServices;
}

const NOTHING: Selection = { endpoints: [], rejections: [], warnings: [] };

const saysAnything = ({ endpoints, rejections }: Selection): boolean => endpoints.length + rejections.length > 0;

/** A task or a definition as if these containers were not there. */
function withoutContainers<Whole extends { readonly containers: readonly { readonly name: string }[] }>(
  whole: Whole,
  excluded: ReadonlySet<string> = new Set(),
): Whole {
  return { ...whole, containers: whole.containers.filter(({ name }) => !excluded.has(name)) };
}

/** Whether an endpoint of which only the task is known is at a port that excluded containers alone have. */
function isOfContainers(
  endpoint: ScrapeEndpoint,
  { containers }: TaskDefinition,
  excluded: ReadonlySet<string>,
): boolean {
  if (endpoint.container !== undefined) return false;
  const serving = containers.filter(({ containerPorts }) => containerPorts.includes(endpoint.containerPort));
  return serving.length > 0 && serving.every(({ name }) => excluded.has(name));
}
