/** Which Cloud Map services belong to an ECS service: by their tags it is scraped, in the owned one it is registered. */
import type { CloudMap, CloudMapService } from '../aws/cloud-map.ts';
import { type Ecs, SERVICES_PER_CALL } from '../aws/ecs.ts';
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
import { createLoader } from './expiring-loader.ts';

export interface RegistryLookup {
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

/** How long namespaces, services and their tags are used before Cloud Map is asked again. */
const CATALOGUE_SECONDS = 300;

interface Catalogue {
  readonly services: readonly (CloudMapService & { readonly namespace: string })[];
  /** Namespaces of the parameter that do not exist. */
  readonly missing: readonly string[];
}

/** A namespace of the parameter does not exist; which services it should have is unknown. */
export class NamespaceMissing extends Error {
  override readonly name = 'NamespaceMissing';
}

export class NamespacesParameterMissing extends Error {
  override readonly name = 'NamespacesParameterMissing';
}

export function createRegistryLookup(
  deps: {
    readonly parameters: ParameterReader;
    readonly cloudMap: CloudMap;
    readonly ecs: Ecs;
    readonly clock: Clock;
    readonly report: Report;
  },
  settings: Pick<DiscoverySettings, 'deployment' | 'clusters' | 'namespacesParameter'>,
): RegistryLookup {
  const { parameters, cloudMap, ecs, clock, report } = deps;
  const { namespacesParameter } = settings;
  const remembered = { seconds: CATALOGUE_SECONDS, clock };

  const catalogues = createLoader(
    async ([name = '']) => new Map([[name, await catalogueOf(await namespacesNamedIn(name))]]),
    { ...remembered, batchSize: 1 },
  );
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

  async function namespacesNamedIn(parameter: string): Promise<string[]> {
    const found = (await parameters.get([parameter])).get(parameter);
    if (!found) {
      throw new NamespacesParameterMissing(
        `parameter ${parameter} does not exist: create it with the comma-separated names of your Cloud Map namespaces`,
      );
    }
    return found.value
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== '' && name !== NO_NAMESPACES);
  }

  async function catalogueOf(names: readonly string[]): Promise<Catalogue> {
    if (names.length === 0) return { services: [], missing: [] };
    const namespaces = await cloudMap.listNamespaces();
    const missing = names.filter((wanted) => !namespaces.some(({ name }) => name === wanted));
    for (const namespace of missing)
      report.warn('namespace does not exist', { namespace, parameter: namespacesParameter });
    // Two namespaces may have one name: the services of both count, in an order that is always the same.
    const wanted = namespaces.filter(({ name }) => names.includes(name)).sort((a, b) => (a.id < b.id ? -1 : 1));
    const services = await Promise.all(
      wanted.map(async ({ id, name }) =>
        (await cloudMap.listServices(id)).map((service) => ({ ...service, namespace: name })),
      ),
    );
    return { services: services.flat(), missing };
  }

  const withTags = async (
    { id, arn, name, namespace }: Catalogue['services'][number],
    since?: number,
  ): Promise<TaggedCloudMapService> => ({ id, name, namespace, tags: await tags.load(arn, since) });

  const isOwned = ({ tags }: TaggedCloudMapService): boolean => tags[OWNER_TAG] === settings.deployment;

  async function catalogue(since?: number): Promise<Catalogue> {
    if (namespacesParameter === undefined) return { services: [], missing: [] };
    return catalogues.load(namespacesParameter, since);
  }

  /** The Cloud Map services that have the name of an ECS service. */
  async function namedLike(service: string, since?: number) {
    const { services, missing } = await catalogue(since);
    const incomplete =
      missing.length > 0
        ? new NamespaceMissing(
            `namespace ${missing.join(', ')} of parameter ${namespacesParameter} does not exist: correct the parameter or create the namespace`,
          )
        : undefined;
    const named = await Promise.all(
      services.filter(({ name }) => name === service).map((found) => withTags(found, since)),
    );
    return { services, named, owned: named.find(isOwned), incomplete };
  }

  return {
    async of(cluster, service, since) {
      if (isElsewhere(cluster)) return {};
      const { services, named, owned, incomplete } = await namedLike(service, since);
      let tagged = named.find(hasScrapeTags);
      const seen = [...named];
      if (services.length > 0 && (!tagged || scrapesRegisteredPort(tagged))) {
        const managed = (await managedServices.get(cluster)?.load(service, since)) ?? [];
        const portOf = (serviceId: string) => managed.find(({ id }) => id === serviceId)?.port;
        const isManaged = ({ id }: { readonly id: string }): boolean => managed.some((one) => one.id === id);
        const candidates = tagged
          ? [tagged]
          : await Promise.all(services.filter(isManaged).map((found) => withTags(found, since)));
        seen.push(...candidates.filter(({ id }) => !seen.some((known) => known.id === id)));
        tagged = candidates.find(hasScrapeTags);
        const port = tagged && portOf(tagged.id);
        if (tagged && port !== undefined) tagged = { ...tagged, port };
      }
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
      const { services } = await catalogue(since);
      return (await Promise.all(services.map((found) => withTags(found, since)))).filter(isOwned);
    },

    forget() {
      for (const loader of [catalogues, tags, ...managedServices.values()]) loader.forget();
    },
  };
}

/** SSM refuses an empty value; this one stands for "no namespaces". */
const NO_NAMESPACES = '-';
