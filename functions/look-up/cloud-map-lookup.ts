/** Which Cloud Map services belong to an ECS service: by their tags it is scraped, in the owned one it is registered. */
import type { CloudMap } from '../aws/cloud-map.ts';
import { type Ecs, SERVICES_PER_CALL } from '../aws/ecs.ts';
import type { ManagedCloudMapService } from '../aws/ecs-answers.ts';
import type { ParameterReader } from '../aws/parameters.ts';
import type { Clock } from '../discovery/clock.ts';
import { isElsewhere } from '../discovery/cluster/cluster-key.ts';
import { OWNER_TAG } from '../discovery/names.ts';
import {
  type CloudMapServices,
  hasScrapeTags,
  scrapesRegisteredPort,
  type TaggedCloudMapService,
} from '../discovery/selection/cloud-map-service.ts';
import type { Report } from '../lambda/report.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import { CATALOGUE_SECONDS, type CatalogueService, createCatalogueLookup } from './catalogue.ts';
import { createLoader } from './expiring-loader.ts';

export interface CloudMapLookup {
  /**
   * The Cloud Map services of an ECS service; none for a cluster elsewhere, whose namespaces are not ours.
   *
   * @param since milliseconds since 1970; what Cloud Map said before is not good enough
   */
  of(cluster: string, service: string, since?: number): Promise<CloudMapServices>;
  /**
   * The one of them that this deployment owns, without a question to ECS: who deregisters a task needs no more.
   *
   * @param since as above
   */
  ownedOf(service: string, since?: number): Promise<Pick<CloudMapServices, 'owned' | 'incomplete'>>;
  /** Every Cloud Map service that this deployment owns. @param since as above */
  owned(since?: number): Promise<readonly TaggedCloudMapService[]>;
  /** Asks Cloud Map again; what it said before serves only where it fails to answer. */
  forget(): void;
}

export function createCloudMapLookup(
  deps: {
    readonly parameters: ParameterReader;
    readonly cloudMap: CloudMap;
    readonly ecs: Ecs;
    readonly clock: Clock;
    readonly report: Report;
  },
  settings: Pick<DiscoverySettings, 'deployment' | 'clusters' | 'namespacesParameter'>,
): CloudMapLookup {
  const { cloudMap, ecs, clock } = deps;
  const remembered = { seconds: CATALOGUE_SECONDS, clock };
  const catalogue = createCatalogueLookup(deps, settings.namespacesParameter);
  const tags = createLoader<Record<string, string>>(
    async ([arn = '']) => new Map([[arn, await cloudMap.listTags(arn)]]),
    { ...remembered, batchSize: 1 },
  );
  const managedServices = new Map(
    settings.clusters.map((cluster) => [
      cluster,
      createLoader((services) => ecs.describeServiceRegistries(cluster, services), {
        ...remembered,
        batchSize: SERVICES_PER_CALL,
      }),
    ]),
  );

  const withTags = (services: readonly CatalogueService[], since?: number): Promise<TaggedCloudMapService[]> =>
    Promise.all(
      services.map(async ({ id, arn, name, namespace }) => ({
        id,
        name,
        namespace,
        tags: await tags.load(arn, since),
      })),
    );

  const isOwned = ({ tags: { [OWNER_TAG]: owner } }: TaggedCloudMapService): boolean => owner === settings.deployment;

  /** The Cloud Map services that have the name of an ECS service. */
  async function namedLike(service: string, since?: number) {
    const { services, incomplete } = await catalogue.load(since);
    const named = await withTags(
      services.filter(({ name }) => name === service),
      since,
    );
    return { services, named, owned: named.find(isOwned), incomplete };
  }

  async function managedOf(cluster: string, service: string, since?: number) {
    return (await managedServices.get(cluster)?.load(service, since)) ?? [];
  }

  return {
    async of(cluster, service, since) {
      if (isElsewhere(cluster)) return {};
      const { services, named, owned, incomplete } = await namedLike(service, since);
      const byName = named.find(hasScrapeTags);
      // ECS is asked only where its answer can make a difference.
      const needsEcs = services.length > 0 && (!byName || scrapesRegisteredPort(byName));
      const managed = needsEcs ? await managedOf(cluster, service, since) : [];
      const candidates = byName ? [byName] : await withTags(among(services, managed), since);
      const tagged = withPort(candidates.find(hasScrapeTags), managed);
      const seen = [...named, ...candidates.filter(({ id }) => !named.some((known) => known.id === id))];
      const others = seen.filter(({ id }) => id !== tagged?.id);
      return {
        ...(tagged && { tagged }),
        ...(owned && { owned }),
        ...(others.length > 0 && { others }),
        ...(incomplete && { incomplete }),
      };
    },

    async ownedOf(service, since) {
      const { owned, incomplete } = await namedLike(service, since);
      return { ...(owned && { owned }), ...(incomplete && { incomplete }) };
    },

    async owned(since) {
      const { services } = await catalogue.load(since);
      return (await withTags(services, since)).filter(isOwned);
    },

    forget() {
      for (const loader of [catalogue, tags, ...managedServices.values()]) loader.forget();
    },
  };
}

/** Those of the services that ECS registers tasks in. */
const among = (services: readonly CatalogueService[], managed: readonly ManagedCloudMapService[]): CatalogueService[] =>
  services.filter(({ id }) => managed.some((one) => one.id === id));

/** The service with the port that ECS registers its tasks with, if it does. */
function withPort(
  service: TaggedCloudMapService | undefined,
  managed: readonly ManagedCloudMapService[],
): TaggedCloudMapService | undefined {
  const port = managed.find(({ id }) => id === service?.id)?.port;
  return service && port !== undefined ? { ...service, port } : service;
}
