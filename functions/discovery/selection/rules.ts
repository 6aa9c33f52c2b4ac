/** Endpoints that the rules of the settings select, and what they exclude. */
import type { ContainerDefinition, TaskDefinition } from '../task/task-definition.ts';
import { carriedJob, carriedLabels } from './carried-labels.ts';
import { type RequestedEndpoint, readEndpoint, type Selection, selectionOf } from './scrape-endpoint.ts';
import { matchesContainer, matchesRule, type RuleSubject, type ScrapeRule } from './scrape-rule.ts';

/** Every rule that matches adds an endpoint for each of its ports, and for each container where it names containers. */
export function selectByRules(
  rules: readonly ScrapeRule[],
  task: RuleSubject,
  { containers }: Pick<TaskDefinition, 'containers'>,
  carried: readonly string[] = [],
): Selection {
  const requested = rules
    .filter((rule) => !rule.exclude && matchesRule(rule, task))
    .flatMap((rule) => portsOf(rule).flatMap((port) => requestsOf(rule, port, containers, carried)));
  return selectionOf(requested.map(readEndpoint));
}

const portsOf = ({ port = [] }: ScrapeRule): readonly number[] => (typeof port === 'number' ? [port] : port);

function requestsOf(
  rule: ScrapeRule,
  port: number,
  containers: readonly ContainerDefinition[],
  carried: readonly string[],
): RequestedEndpoint[] {
  const { path, job, scheme, params, labels } = rule;
  const request = { port: String(port), path, job, scheme, params, labels };
  if (rule.container === undefined) return [request];
  const named = containers.filter(({ name }) => matchesContainer(rule, name));
  const mapped = named.filter(({ containerPorts }) => containerPorts.includes(port));
  // In awsvpc and host mode a port needs no mapping to be reached: without one, all that have the name are meant.
  return (mapped.length > 0 ? mapped : named).map(({ name, dockerLabels }) => ({
    ...request,
    container: name,
    job: job ?? carriedJob(dockerLabels, carried),
    labels: { ...carriedLabels(dockerLabels, carried), ...labels },
    isMapped: mapped.length > 0,
  }));
}

/** What of a task is left where rules exclude something. */
export interface Exclusion {
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
