/** Endpoints that the rules of the settings select, and what they exclude. */
import type { ContainerDefinition, TaskDefinition } from '../task/task-definition.ts';
import { carriedJob, carriedLabels } from './carried-labels.ts';
import { containerOf } from './container-of.ts';
import { type RequestedEndpoint, readEndpoint, type Selection, selectionOf } from './scrape-endpoint.ts';
import { matchesContainer, matchesRule, type RuleSubject, type ScrapeRule } from './scrape-rule.ts';

/** Every rule that matches adds an endpoint for its ports, and for each container where it names containers. */
export function selectByRules(
  rules: readonly ScrapeRule[],
  task: RuleSubject,
  { containers }: Pick<TaskDefinition, 'containers'>,
  carried: readonly string[] = [],
): Selection {
  const requested = rules
    .filter((rule) => !rule.exclude && matchesRule(rule, task))
    .flatMap((rule) => portsOf(rule, containers).flatMap((port) => requestsOf(rule, port, containers, carried)));
  return selectionOf(requested.map(readEndpoint));
}

/**
 * Of several ports those that a container maps, as the ECS observer reads `metrics_ports`: so one rule is for services
 * with different ports. In awsvpc and host mode a port needs no mapping to be reached: where none is mapped, all are meant.
 */
export function portsOf(rule: ScrapeRule, containers: readonly ContainerDefinition[]): readonly number[] {
  const { port = [] } = rule;
  const ports = typeof port === 'number' ? [port] : port;
  const meant = containers.filter(({ name }) => matchesContainer(rule, name));
  const mapped = ports.filter((one) => meant.some(({ containerPorts }) => containerPorts.includes(one)));
  return mapped.length > 0 ? mapped : ports;
}

function requestsOf(
  rule: ScrapeRule,
  port: number,
  containers: readonly ContainerDefinition[],
  carried: readonly string[],
): RequestedEndpoint[] {
  const { path, job, scheme, params, labels } = rule;
  const request = { port: String(port), path, job, scheme, params, labels };
  const carry = ({ dockerLabels }: ContainerDefinition) => ({
    job: job ?? carriedJob(dockerLabels, carried),
    labels: { ...carriedLabels(dockerLabels, carried), ...labels },
  });
  if (rule.container === undefined) {
    const only = containerOf({ containerPort: port }, { containers });
    return [{ ...request, ...(only && carry(only)) }];
  }
  const named = containers.filter(({ name }) => matchesContainer(rule, name));
  const mapped = named.filter(({ containerPorts }) => containerPorts.includes(port));
  return (mapped.length > 0 ? mapped : named).map((container) => ({
    ...request,
    ...carry(container),
    container: container.name,
    isMapped: mapped.length > 0,
  }));
}

/** What of a task is left where rules exclude something. */
interface Exclusion {
  /** The whole task is excluded. */
  readonly task: boolean;
  /** Names of the containers that are. */
  readonly containers: ReadonlySet<string>;
}

export function exclusionOf(
  rules: readonly ScrapeRule[],
  task: RuleSubject,
  { containers }: Pick<TaskDefinition, 'containers'>,
): Exclusion {
  const excluding = rules.filter((rule) => rule.exclude && matchesRule(rule, task));
  const isNamed = ({ name }: ContainerDefinition): boolean =>
    excluding.some((rule) => rule.container !== undefined && matchesContainer(rule, name));
  return {
    task: excluding.some(({ container }) => container === undefined),
    containers: new Set(containers.filter(isNamed).map(({ name }) => name)),
  };
}
