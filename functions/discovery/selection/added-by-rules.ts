/** What rules of the settings add to a task that docker labels or tags select already. */
import { isDeepStrictEqual } from 'node:util';
import type { TaskDefinition } from '../task/task-definition.ts';
import type { ScrapeEndpoint } from './scrape-endpoint.ts';

/**
 * As with the ECS observer, a rule counts beside docker labels: for the ports that a container maps, since a rule for many
 * services would otherwise add a port that nobody listens on. But about a port of their own labels and tags know better: a
 * rule only says what they leave out, and where it has another path or query, it is not asked.
 *
 * @param selected what docker labels or tags ask for
 */
export function addedByRules(
  selected: readonly ScrapeEndpoint[],
  byRules: readonly ScrapeEndpoint[],
  { containers }: Pick<TaskDefinition, 'containers'>,
): ScrapeEndpoint[] {
  return byRules.filter((endpoint) => {
    const claims = selected.filter((known) => isSamePort(known, endpoint));
    if (claims.length > 0) return claims.some((known) => isSameRequest(known, endpoint));
    return containers.some(
      ({ name, containerPorts }) =>
        (endpoint.container ?? name) === name && containerPorts.includes(endpoint.containerPort),
    );
  });
}

const isSamePort = (known: ScrapeEndpoint, { container, containerPort }: ScrapeEndpoint): boolean =>
  known.containerPort === containerPort &&
  (container === undefined || known.container === undefined || known.container === container);

const isSameRequest = (a: ScrapeEndpoint, b: ScrapeEndpoint): boolean =>
  a.path === b.path && isDeepStrictEqual(a.params ?? {}, b.params ?? {});
