/** What docker labels, tags and rules say, and which of them decides. */
import type { DiscoverySettings } from '../../../functions/lambda/settings.ts';
import { errorText } from '../account/error-text.ts';
import { adviceOnError, selectAdvice } from './advice.ts';
import { failed, type Step } from './explained-task.ts';
import type { SelectionFacts } from './facts.ts';
import { labelSteps } from './label-steps.ts';
import { excluded, rulesSteps } from './rule-steps.ts';
import { TAGS_STEP, tagSteps } from './tag-steps.ts';

export function selectionSteps(
  { task, definition, services, selected }: SelectionFacts,
  settings: DiscoverySettings,
): Step[] {
  if (definition instanceof Error) {
    return [failed('definition', errorText(definition), adviceOnError(definition))];
  }
  if (selected?.isExcluded) return [excluded(task, settings)];
  const winner = selected?.selectedBy;
  const labels = labelSteps(definition, settings, winner, selected);
  if (services instanceof Error) return [...labels, failed(TAGS_STEP, errorText(services), adviceOnError(services))];
  const tags = tagSteps(services, settings, task, winner, selected);
  const rules = rulesSteps(settings, { task, definition }, winner, selected);
  const nothing =
    winner === undefined && !selected?.undecided
      ? [failed('selection', 'nothing asks for the task to be scraped', selectAdvice(settings, task))]
      : [];
  return [...labels, ...tags, ...rules, ...nothing];
}
