/** Whether a task is registered in the Cloud Map service that this deployment owns. */

import type { CloudMap } from '../../../functions/aws/cloud-map.ts';
import { OWNER_TAG } from '../../../functions/discovery/names.ts';
import { isRegistered } from '../../../functions/discovery/target/registration.ts';
import type { ObservedTask } from '../../../functions/look-up/observe-tasks.ts';
import { errorText } from '../account/error-text.ts';
import { type Decision, passed, type Step, skipped, warning } from './explained-task.ts';
import type { SelectionFacts } from './facts.ts';

const STEP = 'Cloud Map';

export async function registrationStep(
  cloudMap: Pick<CloudMap, 'getInstance'>,
  { taskId, registration }: ObservedTask,
  decision: Decision,
  { services, task }: SelectionFacts,
): Promise<Step[]> {
  if (services instanceof Error || task.service === undefined) return [];
  const { owned } = services;
  if (!owned)
    return [skipped(STEP, `not registered: no Cloud Map service has the tag ${OWNER_TAG} for service ${task.service}`)];
  const where = `${owned.name} in ${owned.namespace}`;
  try {
    const found = await cloudMap.getInstance(owned.id, taskId);
    if (!found) {
      return decision === 'scraped'
        ? [
            warning(
              STEP,
              `not registered in ${where}`,
              `"status" shows whether it is on its way. Otherwise run "resync --task ${taskId}".`,
            ),
          ]
        : [skipped(STEP, `not registered in ${where}`)];
    }
    if (decision === 'held') return [passed(STEP, `registered in ${where}; it stays as it is`)];
    if (registration && isRegistered(registration, found)) return [passed(STEP, `registered in ${where}`)];
    const what = registration ? 'with other attributes' : 'though it is not scraped';
    return [warning(STEP, `registered in ${where} ${what}`, `Run "resync --task ${taskId}".`)];
  } catch (error) {
    return [warning(STEP, `AWS did not say whether it is registered in ${where}: ${errorText(error)}`)];
  }
}
