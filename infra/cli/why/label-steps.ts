/** What docker labels say. */
import {
  ANNOTATIONS,
  DYNAMIC_EXPORT,
  LABEL_FAMILIES,
  suffixOf,
} from '../../../functions/discovery/selection/docker-label-names.ts';
import { selectByDockerLabels } from '../../../functions/discovery/selection/docker-labels.ts';
import type { Selected, Selector } from '../../../functions/discovery/selection/select-endpoints.ts';
import type { TaskDefinition } from '../../../functions/discovery/task/task-definition.ts';
import type { DiscoverySettings } from '../../../functions/lambda/settings.ts';
import { asked } from './asked.ts';
import { type Step, skipped, warning } from './explained-task.ts';

const STEP = 'docker labels';

export function labelSteps(
  definition: TaskDefinition,
  { dockerLabels = [] }: DiscoverySettings,
  winner: Selector | undefined,
  selected: Selected | undefined,
): Step[] {
  const found = definition.containers.flatMap(({ name, dockerLabels: labels }) => {
    const ours = Object.entries(labels).filter(([label]) => isOurs(label));
    return ours.length === 0 ? [] : [`${name}: ${ours.map(([label, value]) => `${label}=${value}`).join(', ')}`];
  });
  const none = `none that asks for scraping on ${definition.containers.map(({ name }) => name).join(', ') || 'any container'}`;
  const warnings = selectByDockerLabels(definition, dockerLabels).warnings.map(({ message }) =>
    warning(
      STEP,
      message,
      'Correct the docker label in a new revision of the task definition, and roll the service to it.',
    ),
  );
  if (winner === 'docker-labels' && selected) return [...asked(STEP, found, selected), ...warnings];
  return [skipped(STEP, found.length > 0 ? `${found.join('; ')} (asks for nothing)` : none), ...warnings];
}

const OUR_LABELS: readonly string[] = [DYNAMIC_EXPORT, ...Object.values(ANNOTATIONS)];

const isOurs = (label: string): boolean =>
  OUR_LABELS.includes(label) ||
  LABEL_FAMILIES.some(({ port, path, job, scheme }) =>
    [port, path, job, scheme].some((name) => suffixOf(label, name) !== undefined),
  );
