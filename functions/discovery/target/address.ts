/** Where an endpoint of a task answers: address and port by network mode. */
import { type Rejection, reject, untold } from '../selection/rejection.ts';
import type { ScrapeEndpoint } from '../selection/scrape-endpoint.ts';
import type { Task } from '../task/task.ts';
import type { NetworkMode } from '../task/task-definition.ts';

/** Whether a task's address is its host's, which has to be looked up by its container instance. */
export const usesHostAddress = (mode: NetworkMode): boolean => mode === 'bridge' || mode === 'host';

/**
 * The address to scrape a task at.
 *
 * @param hostAddress private address of the container instance, where {@link usesHostAddress}
 */
export function scrapeAddress(task: Task, mode: NetworkMode, hostAddress: string | undefined): string | Rejection {
  switch (mode) {
    case 'awsvpc':
      return task.address ?? untold('no-address', 'the task has no network interface with a private address');
    case 'bridge':
    case 'host':
      return hostAddress ?? reject('no-address', 'the host of the task is not an EC2 instance with a private address');
    case 'none':
    case 'other':
      return reject('network-mode', `a task in network mode "${mode}" cannot be scraped`);
  }
}

/**
 * The port to scrape an endpoint at: its own, or in bridge mode the one that Docker published on the host. Where only the
 * task is known, it may also be a port of the host already, as the reference system's METRICS_PORT is.
 */
export function scrapePort(task: Task, mode: NetworkMode, endpoint: ScrapeEndpoint): number | Rejection {
  if (mode !== 'bridge') return endpoint.containerPort;
  const bindings = task.containers
    .filter(({ name }) => endpoint.container === undefined || name === endpoint.container)
    .flatMap(({ networkBindings }) => networkBindings);
  const within = (first: number, count = 1): boolean =>
    endpoint.containerPort >= first && endpoint.containerPort < first + count;
  const binding = bindings.find(({ containerPort, count }) => within(containerPort, count));
  if (binding) return binding.hostPort + endpoint.containerPort - binding.containerPort;
  if (endpoint.container === undefined && bindings.some(({ hostPort, count }) => within(hostPort, count))) {
    return endpoint.containerPort;
  }
  const message = `container port ${endpoint.containerPort} is not published on the host: add it to portMappings`;
  // While a container starts anew inside its task, none of its ports is.
  const isBound = task.containers.some(({ networkBindings }) => networkBindings.length > 0);
  return isBound ? reject('no-host-port', message) : untold('no-host-port', message);
}
