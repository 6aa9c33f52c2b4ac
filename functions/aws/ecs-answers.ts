/** What ECS answers about task definitions and services, in the words of the core. */
import type { PortMapping, TaskDefinition as SdkTaskDefinition, Service, TaskSet } from '@aws-sdk/client-ecs';
import { lastPartOfArn } from '../discovery/task/task.ts';
import { parseNetworkMode, type TaskDefinition } from '../discovery/task/task-definition.ts';

/** A Cloud Map service that ECS registers tasks in. */
export interface ManagedCloudMapService {
  readonly id: string;
  /** The port that a task is registered with, as its containers have it; only for services with SRV records. */
  readonly port?: number;
}

export function definitionOf(arn: string, described: SdkTaskDefinition): TaskDefinition {
  const containers = described.containerDefinitions ?? [];
  const hasHealthCheck = containers.some(({ essential = true, healthCheck }) => essential && healthCheck);
  return {
    arn,
    ...(hasHealthCheck && { hasHealthCheck }),
    networkMode: parseNetworkMode(described.networkMode),
    containers: containers.map(({ name = '', dockerLabels = {}, portMappings = [] }) => ({
      name,
      dockerLabels,
      containerPorts: [...new Set(portMappings.flatMap(tcpPorts))],
    })),
  };
}

/** ECS API reference: a mapping without protocol is TCP; a range holds at most 100 ports. */
function tcpPorts({ containerPort, containerPortRange, protocol = 'tcp' }: PortMapping): number[] {
  if (protocol === 'udp') return [];
  if (containerPort) return [containerPort];
  const [, first, last] = /^(\d+)-(\d+)$/.exec(containerPortRange ?? '') ?? [];
  const count = first && last ? Math.min(Number(last) - Number(first) + 1, 100) : 0;
  return Array.from({ length: Math.max(count, 0) }, (_, index) => Number(first) + index);
}

export const tagsOf = ({ tags = [] }: Pick<Service, 'tags'>): Record<string, string> =>
  Object.fromEntries(tags.flatMap(({ key, value = '' }) => (key ? [[key, value]] : [])));

export function managedServicesOf({ serviceRegistries = [], taskSets = [] }: Service): ManagedCloudMapService[] {
  const isPrimary = ({ status }: TaskSet): boolean => status === 'PRIMARY';
  const ofTaskSets = [...taskSets.filter(isPrimary), ...taskSets.filter((set) => !isPrimary(set))];
  const found = new Map<string, ManagedCloudMapService>();
  for (const one of [...serviceRegistries, ...ofTaskSets.flatMap((set) => set.serviceRegistries ?? [])]) {
    if (!one.registryArn) continue;
    const id = lastPartOfArn(one.registryArn);
    const port = one.containerPort ?? one.port;
    if (!found.has(id)) found.set(id, { id, ...(port && { port }) });
  }
  return [...found.values()];
}
