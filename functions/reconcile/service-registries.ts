/** Which Cloud Map services belong to an ECS service: by their tags it is scraped, in the owned one it is registered. */
import type { CloudMap, CloudMapService } from '../aws/cloud-map.ts';
import { type Ecs, SERVICES_PER_CALL } from '../aws/ecs.ts';
import { createLoader } from '../aws/expiring-loader.ts';
import type { Parameters } from '../aws/parameters.ts';
import type { Clock } from '../discovery/clock.ts';
import { OWNER_TAG } from '../discovery/names.ts';
import {
  hasScrapeTags,
  type ServiceRegistries,
  type ServiceRegistry,
  scrapesRegisteredPort,
} from '../discovery/service-registry.ts';
import type { Report } from './report.ts';
import type { DiscoverySettings } from './settings.ts';

export interface RegistryLookup {
  /** The registries of an ECS service. */
  of(cluster: string, service: string): Promise<ServiceRegistries>;
  /** Every registry that this deployment owns. */
  owned(): Promise<readonly ServiceRegistry[]>;
}

/** How long namespaces, services and their tags are used before Cloud Map is asked again. */
const CATALOGUE_SECONDS = 300;

interface Catalogue {
  readonly services: readonly (CloudMapService & { readonly namespace: string })[];
}

export class NamespacesParameterMissing extends Error {
  override readonly name = 'NamespacesParameterMissing';
}

export function createRegistryLookup(
  deps: {
    readonly parameters: Parameters;
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
    async ([name = '']) => new Map([[name, { services: await servicesOf(await namespacesNamedIn(name)) }]]),
    { ...remembered, batchSize: 1 },
  );
  const tags = createLoader<Record<string, string>>(
    async ([arn = '']) => new Map([[arn, await cloudMap.listTags(arn)]]),
    { ...remembered, batchSize: 1 },
  );
  const managedRegistries = new Map(
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

  async function servicesOf(names: readonly string[]): Promise<Catalogue['services']> {
    if (names.length === 0) return [];
    const namespaces = await cloudMap.listNamespaces();
    const services = await Promise.all(
      names.map(async (namespace) => {
        const id = namespaces.get(namespace);
        if (id === undefined) {
          report.warn('namespace does not exist', { namespace, parameter: namespacesParameter });
          return [];
        }
        return (await cloudMap.listServices(id)).map((service) => ({ ...service, namespace }));
      }),
    );
    return services.flat();
  }

  const withTags = async ({ id, arn, name, namespace }: Catalogue['services'][number]): Promise<ServiceRegistry> => ({
    id,
    name,
    namespace,
    tags: await tags.load(arn),
  });

  const isOwned = (registry: ServiceRegistry): boolean => registry.tags[OWNER_TAG] === settings.deployment;

  async function catalogue(): Promise<Catalogue['services']> {
    return namespacesParameter === undefined ? [] : (await catalogues.load(namespacesParameter)).services;
  }

  return {
    async of(cluster, service) {
      const services = await catalogue();
      if (services.length === 0) return {};
      const named = await Promise.all(services.filter(({ name }) => name === service).map(withTags));
      const owned = named.find(isOwned);
      let tagged = named.find(hasScrapeTags);
      if (!tagged || scrapesRegisteredPort(tagged)) {
        const managed = (await managedRegistries.get(cluster)?.load(service)) ?? [];
        const portOf = (registryId: string) => managed.find(({ id }) => id === registryId)?.port;
        const candidates = tagged
          ? [tagged]
          : await Promise.all(services.filter(({ id }) => managed.some((one) => one.id === id)).map(withTags));
        tagged = candidates.find(hasScrapeTags);
        const port = tagged && portOf(tagged.id);
        if (tagged && port !== undefined) tagged = { ...tagged, port };
      }
      return { ...(tagged && { tagged }), ...(owned && { owned }) };
    },

    async owned() {
      return (await Promise.all((await catalogue()).map(withTags))).filter(isOwned);
    },
  };
}

/** SSM refuses an empty value; this one stands for "no namespaces". */
const NO_NAMESPACES = '-';
