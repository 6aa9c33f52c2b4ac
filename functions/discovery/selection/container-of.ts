/** The container that answers for an endpoint. */
import type { ContainerDefinition, TaskDefinition } from '../task/task-definition.ts';
import type { ScrapeEndpoint } from './scrape-endpoint.ts';

/** The one that is named, or, where only the task is known, the only one that maps the port; undefined where that is open. */
export function containerOf(
  { container, containerPort }: Pick<ScrapeEndpoint, 'container' | 'containerPort'>,
  { containers }: Pick<TaskDefinition, 'containers'>,
): ContainerDefinition | undefined {
  if (container !== undefined) return containers.find(({ name }) => name === container);
  const [mapping, ...others] = containers.filter(({ containerPorts }) => containerPorts.includes(containerPort));
  return others.length === 0 ? mapping : undefined;
}
