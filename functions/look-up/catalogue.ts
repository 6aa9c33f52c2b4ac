/** The Cloud Map services in the namespaces of the namespaces parameter. */
import type { CloudMap, CloudMapService } from '../aws/cloud-map.ts';
import type { ParameterReader } from '../aws/parameters.ts';
import type { Clock } from '../discovery/clock.ts';
import type { Report } from '../lambda/report.ts';
import { createLoader } from './expiring-loader.ts';

interface Catalogue {
  readonly services: readonly CatalogueService[];
  /** Why there may be more services. */
  readonly incomplete?: NamespaceMissing;
}

export interface CatalogueService extends CloudMapService {
  /** Name of its namespace. */
  readonly namespace: string;
}

interface CatalogueLookup {
  /**
   * Empty where the deployment does not use Cloud Map.
   *
   * @param since milliseconds since 1970; what Cloud Map said before is not good enough
   * @throws NamespacesParameterMissing, or what AWS answers
   */
  load(since?: number): Promise<Catalogue>;
  /** Asks again; what was said before serves only where AWS fails to answer. */
  forget(): void;
}

/** Seconds that namespaces, services and tags are used before AWS is asked again. */
export const CATALOGUE_SECONDS = 300;

/** A namespace of the parameter does not exist; which services it should have is unknown. */
class NamespaceMissing extends Error {
  override readonly name = 'NamespaceMissing';
}

export class NamespacesParameterMissing extends Error {
  override readonly name = 'NamespacesParameterMissing';
}

/** @param parameter name of the namespaces parameter; undefined where the deployment does not use Cloud Map */
export function createCatalogueLookup(
  {
    parameters,
    cloudMap,
    clock,
    report,
  }: {
    readonly parameters: ParameterReader;
    readonly cloudMap: Pick<CloudMap, 'listNamespaces' | 'listServices'>;
    readonly clock: Clock;
    readonly report: Report;
  },
  parameter: string | undefined,
): CatalogueLookup {
  const loader = createLoader(async ([name = '']) => new Map([[name, await catalogueOf(name)]]), {
    batchSize: 1,
    seconds: CATALOGUE_SECONDS,
    clock,
  });

  async function namespacesNamedIn(name: string): Promise<string[]> {
    const found = (await parameters.get([name])).get(name);
    if (!found) {
      throw new NamespacesParameterMissing(
        `parameter ${name} does not exist: create it with the comma-separated names of your Cloud Map namespaces`,
      );
    }
    return found.value
      .split(',')
      .map((namespace) => namespace.trim())
      .filter((namespace) => namespace !== '' && namespace !== NO_NAMESPACES);
  }

  async function catalogueOf(name: string): Promise<Catalogue> {
    const names = await namespacesNamedIn(name);
    if (names.length === 0) return { services: [] };
    const namespaces = await cloudMap.listNamespaces();
    const missing = names.filter((wanted) => !namespaces.some((namespace) => namespace.name === wanted));
    for (const namespace of missing) report.warn('namespace does not exist', { namespace, parameter: name });
    // Two namespaces may have one name: the services of both count, in an order that is always the same.
    const wanted = namespaces
      .filter((namespace) => names.includes(namespace.name))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    const services = await Promise.all(
      wanted.map(async ({ id, name: namespace }) =>
        (await cloudMap.listServices(id)).map((service) => ({ ...service, namespace })),
      ),
    );
    return { services: services.flat(), ...(missing.length > 0 && { incomplete: missingIn(name, missing) }) };
  }

  return {
    load: async (since) => (parameter === undefined ? { services: [] } : loader.load(parameter, since)),
    forget: () => loader.forget(),
  };
}

const missingIn = (parameter: string, namespaces: readonly string[]): NamespaceMissing =>
  new NamespaceMissing(
    `namespace ${namespaces.join(', ')} of parameter ${parameter} does not exist: correct the parameter or create the namespace`,
  );

/** SSM refuses an empty value; this one stands for "no namespaces". */
const NO_NAMESPACES = '-';
