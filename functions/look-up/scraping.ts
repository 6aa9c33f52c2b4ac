/** Finds out what a task offers to be scraped: its endpoints, their addresses, and where it is to be registered. */
import type { Ecs } from '../aws/ecs.ts';
import type { Reach } from '../aws/reach.ts';
import type { Clock } from '../discovery/clock.ts';
import { clusterKeyOf, isElsewhere } from '../discovery/cluster/cluster-key.ts';
import type { CloudMapServices } from '../discovery/selection/cloud-map-service.ts';
import type { Rejection } from '../discovery/selection/rejection.ts';
import { type Selected, type Selector, selectEndpoints } from '../discovery/selection/select-endpoints.ts';
import type { Warning } from '../discovery/selection/warning.ts';
import { usesHostAddress } from '../discovery/target/address.ts';
import { problemOfHealth } from '../discovery/target/health.ts';
import { type Registration, registrationOf } from '../discovery/target/registration.ts';
import { type TaskTargets, targetsOfTask } from '../discovery/target/task-targets.ts';
import type { Task } from '../discovery/task/task.ts';
import type { TaskDefinition } from '../discovery/task/task-definition.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import type { CloudMapLookup } from './cloud-map-lookup.ts';
import { createHostAddresses } from './host-addresses.ts';
import { createTagsLookup } from './tags.ts';
import type { TaskDefinitions } from './task-definitions.ts';

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
  /** Asks for all tags again, which no event announces; what AWS said before serves only where it fails to answer. */
  forget(): void;
}

export function createScrapingLookup(
  deps: Pick<Reach, 'ec2Of'> & {
    readonly ecs: Ecs;
    readonly cloudMapLookup: CloudMapLookup;
    readonly definitions: TaskDefinitions;
    readonly clock: Clock;
  },
  settings: DiscoverySettings,
): ScrapingLookup {
  const { cloudMapLookup, definitions } = deps;
  const hosts = createHostAddresses(deps, settings);
  const keyOf = ({ clusterArn }: Task): string => clusterKeyOf(clusterArn, settings.here);
  const tags = createTagsLookup(deps, settings);

  async function servicesOf(task: Task, since?: number): Promise<CloudMapServices> {
    return task.service === undefined ? {} : cloudMapLookup.of(keyOf(task), task.service, since);
  }

  async function select(
    task: Task,
    since?: number,
  ): Promise<{ selected: Selected; definition: TaskDefinition; services: CloudMapServices }> {
    const [definition, services] = await Promise.all([
      definitions.load(task.taskDefinitionArn),
      servicesOf(task, since),
    ]);
    const selected = selectEndpoints(task, definition, services, settings);
    if (selected.undecided) throw selected.undecided;
    return { selected, definition, services };
  }

  return {
    async ofTask(task, since) {
      const { selected, definition, services } = await select(task, since);
      const { endpoints, rejections, warnings, selectedBy, isExcluded } = selected;
      const about = { warnings, ...(selectedBy && { selectedBy }), ...(isExcluded && { isExcluded }) };
      if (endpoints.length === 0) return { rejections, ...about };
      const unhealthy = settings.healthyOnly ? problemOfHealth(task, definition) : undefined;
      if (unhealthy) return { rejections: [...rejections, unhealthy], ...about };
      const made = targetsOfTask(selected.task, definition.networkMode, endpoints, {
        hostAddress: usesHostAddress(definition.networkMode) ? await hosts.of(task) : undefined,
        namespace: (services.tagged ?? services.owned)?.namespace,
        labels: settings.labels,
        isElsewhere: isElsewhere(keyOf(task)),
        tags: await tags.of(task),
        definition,
      });
      return {
        rejections: [...rejections, ...made.rejections],
        ...about,
        ...(made.targets && { targets: made.targets }),
        ...(made.targets && services.owned && { registration: registrationOf(services.owned.id, task, made.targets) }),
      };
    },
    forget() {
      cloudMapLookup.forget();
      tags.forget();
    },
  };
}

/** AWS does not say all that is needed to know what the task offers. */
export class AnswerIncomplete extends Error {
  override readonly name = 'AnswerIncomplete';
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
 * @throws AnswerIncomplete, or what AWS answers; the task is then neither scraped nor unscraped
 */
export async function scrapingOf(
  lookup: ScrapingLookup,
  task: Task,
  { unselected, selected }: Freshness,
): Promise<Scraping> {
  const remembered = await lookup.ofTask(task, selected);
  if (remembered.targets) return remembered;
  const fresh = await lookup.ofTask(task, unselected);
  const gap = fresh.rejections.find(({ incomplete }) => incomplete);
  if (!fresh.targets && gap) throw new AnswerIncomplete(gap.message);
  return fresh;
}
