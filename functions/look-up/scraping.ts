/** Finds out what a task offers to be scraped: its endpoints, their addresses, and where it is to be registered. */
import type { Ec2 } from '../aws/ec2.ts';
import { INSTANCES_PER_CALL } from '../aws/ec2.ts';
import { type Ecs, TASKS_PER_CALL } from '../aws/ecs.ts';
import type { Clock } from '../discovery/clock.ts';
import type { ServiceRegistries } from '../discovery/selection/cloud-map-service.ts';
import type { Rejection } from '../discovery/selection/rejection.ts';
import {
  type Selection,
  selectByDockerLabels,
  selectByRegistryTags,
  selectByRules,
} from '../discovery/selection/scrape-endpoint.ts';
import { usesHostAddress } from '../discovery/target/address.ts';
import { type Registration, registrationOf } from '../discovery/target/registration.ts';
import { type TaskTargets, targetsOfTask } from '../discovery/target/task-targets.ts';
import type { Task } from '../discovery/task/task.ts';
import type { TaskDefinition } from '../discovery/task/task-definition.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import type { RegistryLookup } from './cloud-map-services.ts';
import { createLoader } from './expiring-loader.ts';

/** What a running task offers. */
export interface Scraping {
  /** Absent when nothing selects the task or nothing of it can be scraped. */
  readonly targets?: TaskTargets;
  readonly registration?: Registration;
  readonly rejections: readonly Rejection[];
}

export interface ScrapingLookup {
  /**
   * @param since milliseconds since 1970; what AWS said before is not good enough
   * @throws when AWS does not say; the task is then neither scraped nor unscraped.
   */
  ofTask(task: Task, since?: number): Promise<Scraping>;
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
      createLoader((arns) => ecs.describeContainerInstances(cluster, arns), {
        batchSize: TASKS_PER_CALL,
        seconds: HOST_SECONDS,
        clock,
      }),
    ]),
  );
  const addresses = createLoader((ids) => ec2.privateAddresses(ids), {
    batchSize: INSTANCES_PER_CALL,
    seconds: HOST_SECONDS,
    clock,
  });

  async function hostAddress(task: Task): Promise<string | undefined> {
    if (task.containerInstanceArn === undefined) return undefined;
    const instanceId = await instanceIds.get(task.cluster)?.load(task.containerInstanceArn);
    return instanceId ? ((await addresses.load(instanceId)) ?? undefined) : undefined;
  }

  async function registriesOf(task: Task, since?: number): Promise<ServiceRegistries> {
    return task.service === undefined ? {} : registries.of(task.cluster, task.service, since);
  }

  /** The first of the three that applies wins, also when what it asks for turns out to be wrong. */
  async function select(
    task: Task,
    since?: number,
  ): Promise<Selection & { definition: TaskDefinition; registries: ServiceRegistries }> {
    const definition = await definitions.load(task.taskDefinitionArn);
    const found = await registriesOf(task, since);
    const byLabels = selectByDockerLabels(definition);
    // Which of the tags and rules applies cannot be said while a namespace is unknown.
    if (!saysAnything(byLabels) && !found.tagged && found.incomplete) throw found.incomplete;
    const candidates = [
      byLabels,
      ...(found.tagged ? [selectByRegistryTags(found.tagged)] : []),
      selectByRules(settings.scrapeRules, task),
    ];
    return { endpoints: [], rejections: [], ...candidates.find(saysAnything), definition, registries: found };
  }

  return {
    async ofTask(task, since) {
      const { endpoints, rejections, definition, registries: found } = await select(task, since);
      if (endpoints.length === 0) return { rejections };
      const made = targetsOfTask(task, definition.networkMode, endpoints, {
        hostAddress: usesHostAddress(definition.networkMode) ? await hostAddress(task) : undefined,
        namespace: (found.tagged ?? found.owned)?.namespace,
      });
      return {
        rejections: [...rejections, ...made.rejections],
        ...(made.targets && { targets: made.targets }),
        ...(made.targets && found.owned && { registration: registrationOf(found.owned.id, task, made.targets) }),
      };
    },
  };
}

/** AWS does not say all that is needed to know what the task offers. */
export class Incomplete extends Error {
  override readonly name = 'Incomplete';
}

/** How old the answers of Cloud Map may be, each as the time since when they must come, in milliseconds since 1970. */
export interface Freshness {
  /** Where they leave a task without targets: its tags may have been set a moment ago. */
  readonly unselected: number;
  /** Where they select it. Default: as long as they are remembered. */
  readonly selected?: number;
}

/**
 * What a running task offers.
 *
 * @throws Incomplete, or what AWS answers; the task is then neither scraped nor unscraped
 */
export async function scrapingOf(
  lookup: ScrapingLookup,
  task: Task,
  { unselected, selected }: Freshness,
): Promise<Scraping> {
  const remembered = await lookup.ofTask(task, selected);
  if (remembered.targets) return remembered;
  const fresh = await lookup.ofTask(task, unselected);
  const gap = fresh.rejections.find(({ untold }) => untold);
  if (!fresh.targets && gap) throw new Incomplete(gap.message);
  return fresh;
}

const saysAnything = ({ endpoints, rejections }: Selection): boolean => endpoints.length + rejections.length > 0;
