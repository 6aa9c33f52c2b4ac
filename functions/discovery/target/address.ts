/** Where an endpoint of a task answers: address and port by network mode. */
import { incomplete, type Rejection, reject } from '../selection/rejection.ts';
import type { ScrapeEndpoint } from '../selection/scrape-endpoint.ts';
import type { Task, TaskContainer } from '../task/task.ts';
import type { NetworkMode } from '../task/task-definition.ts';
import type { NetworkBinding } from '../task/task-network.ts';

/** Whether a task's address is its host's, which has to be looked up by its container instance. */
export const usesHostAddress = (mode: NetworkMode): boolean => mode === 'bridge' || mode === 'host';

/**
 * The address to scrape a task at.
 *
 * @param hostAddress address of the container instance, where {@link usesHostAddress}
 */
export function scrapeAddress(task: Task, mode: NetworkMode, hostAddress: string | undefined): string | Rejection {
  switch (mode) {
    case 'awsvpc':
      return task.address ?? incomplete('no-address', 'the task has no network interface with a private address');
    case 'bridge':
    case 'host':
      return hostAddress ?? reject('no-address', 'the host of the task is not an EC2 instance with an address');
    default:
      return reject('network-mode', `a task in network mode "${mode}" cannot be scraped`);
  }
}

/** A port that answers for an endpoint. */
interface ScrapePort {
  readonly port: number;
  /** Set where several containers answer for an endpoint of which only the task is known. */
  readonly container?: string;
}

/**
 * The ports to scrape an endpoint at: its own, or in bridge mode the one that Docker published on the host, for each
 * container that has it. Where only the task is known, it may also be a port of the host already, as the reference
 * system's METRICS_PORT is, and so may that of ecs-sd's labels.
 *
 * @param address what {@link scrapeAddress} gave: Docker may publish another port for IPv6 than for IPv4
 */
export function scrapePorts(
  task: Task,
  mode: NetworkMode,
  endpoint: ScrapeEndpoint,
  address: string,
): readonly ScrapePort[] | Rejection {
  const { containerPort } = endpoint;
  if (mode !== 'bridge') return [{ port: containerPort }];
  const containers = task.containers.filter(({ name }) => (endpoint.container ?? name) === name);
  const ports = containers.flatMap((container) => publishedPort(container, containerPort, address));
  if (ports.length === 1) return ports.map(({ port }) => ({ port }));
  if (ports.length > 1) return ports;
  const published = containers.flatMap((it) => it.networkBindings).find(hasHostPort(containerPort));
  const mayBeHostPort = endpoint.container === undefined || endpoint.mayBeHostPort === true;
  if (published && mayBeHostPort) return [{ port: containerPort }];
  const message = `container port ${containerPort} is not published on the host: ${
    published
      ? `it is the host's port of container port ${published.containerPort + containerPort - published.hostPort}, name that one`
      : 'add it to portMappings'
  }`;
  // While a container restarts inside its task, none of its ports is published.
  const isBound = task.containers.some(({ networkBindings }) => networkBindings.length > 0);
  return isBound ? reject('no-host-port', message) : incomplete('no-host-port', message);
}

function publishedPort(
  { name, networkBindings }: TaskContainer,
  containerPort: number,
  address: string,
): { port: number; container: string }[] {
  const isSameFamily = ({ isIpv6 }: NetworkBinding): boolean => (isIpv6 === true) === address.includes(':');
  const bindings = networkBindings.filter(
    (binding) => isTcp(binding) && within(containerPort, binding.containerPort, binding.count),
  );
  const binding = bindings.find(isSameFamily) ?? bindings[0];
  return binding ? [{ port: binding.hostPort + containerPort - binding.containerPort, container: name }] : [];
}

const hasHostPort =
  (port: number) =>
  (binding: NetworkBinding): boolean =>
    isTcp(binding) && within(port, binding.hostPort, binding.count);

const within = (port: number, first: number, count = 1): boolean => port >= first && port < first + count;

/** A scrape is TCP; one container port may be published twice, once for each protocol. */
const isTcp = ({ isUdp }: NetworkBinding): boolean => isUdp !== true;
