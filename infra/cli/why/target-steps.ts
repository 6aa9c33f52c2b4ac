/** Where the task is scraped, and what hinders it. */

import { type TargetGroup, targetGroups } from '../../../functions/discovery/target/file-sd.ts';
import { LABELS, queryOf } from '../../../functions/discovery/target/labels.ts';
import type { TaskDefinition } from '../../../functions/discovery/task/task-definition.ts';
import type { ObservedTask } from '../../../functions/look-up/observe-tasks.ts';
import { AnswerIncomplete } from '../../../functions/look-up/scraping.ts';
import { errorText } from '../account/error-text.ts';
import { adviceOnError, REJECTION_ADVICE } from './advice.ts';
import { failed, passed, type Step, warning } from './explained-task.ts';
import type { SelectionFacts } from './facts.ts';

const STEP = 'address';

export const groupsOf = ({ observation }: ObservedTask): readonly TargetGroup[] =>
  observation.kind === 'offers' ? targetGroups([observation.targets]) : [];

/** `http://10.0.0.1:9102/metrics?format=text` */
export function urlOf({ targets: [address = ''], labels }: TargetGroup): string {
  const query = queryOf(labels);
  return `${labels[LABELS.scheme] ?? 'http'}://${address}${labels[LABELS.metricsPath] ?? '/metrics'}${query && `?${query}`}`;
}

/** Nothing where the chain ended before. */
export function targetSteps(look: ObservedTask, facts: SelectionFacts): Step[] {
  const { selected, definition } = facts;
  if (!selected || definition instanceof Error || selected.selectedBy === undefined || selected.isExcluded) return [];
  const { observation } = look;
  const found = groupsOf(look).map((group) => passed(STEP, urlOf(group)));
  const refused = look.rejections
    .filter(({ message }) => !selected.rejections.some((known) => known.message === message))
    .map(({ reason, message }) => failed(reason === 'unhealthy' ? 'health' : STEP, message, REJECTION_ADVICE[reason]));
  const unknown =
    observation.kind === 'unknown' && !selected.undecided
      ? [failed(STEP, textOf(observation.error), adviceOnError(observation.error))]
      : [];
  return [...found, ...refused, ...unknown, ...unmappedPorts(look, definition)];
}

const textOf = (error: Error): string => (error instanceof AnswerIncomplete ? error.message : errorText(error));

/** In network mode awsvpc a port needs no mapping; but one that no mapping names is often a wrong one. */
function unmappedPorts({ observation }: ObservedTask, { networkMode, containers }: TaskDefinition): Step[] {
  if (observation.kind !== 'offers' || networkMode !== 'awsvpc') return [];
  const mapped = [...new Set(containers.flatMap(({ containerPorts }) => containerPorts))];
  if (mapped.length === 0) return [];
  const ports = new Set(observation.targets.targets.map(({ port }) => port).filter((port) => !mapped.includes(port)));
  return [...ports].map((port) =>
    warning(
      'port',
      `${port} is in no port mapping of the task definition, which has ${mapped.join(', ')}`,
      `Nothing, if something answers there. If "up" is 0, ${port} is the wrong port: correct the label, tag or rule.`,
    ),
  );
}
