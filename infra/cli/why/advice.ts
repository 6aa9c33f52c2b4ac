/** What to change, for each reason that something is not scraped. */
import { isDenied, isNamed, isThrottle } from '../../../functions/aws/errors.ts';
import type { RejectionReason } from '../../../functions/discovery/selection/rejection.ts';
import type { Task } from '../../../functions/discovery/task/task.ts';
import type { DiscoverySettings } from '../../../functions/lambda/settings.ts';

export const REJECTION_ADVICE: Readonly<Record<RejectionReason, string>> = {
  'not-selected': 'Name a port that a container of the task has.',
  'no-address':
    'In network mode awsvpc, wait for the network interface of the task. Otherwise it has to run on an EC2 instance with a private address: hosts of ECS Anywhere have none that EC2 knows.',
  'no-host-port':
    'Name a container port that is in portMappings, or add this one to them, in a new revision of the task definition; then roll the service to it.',
  'invalid-port':
    'Correct the label, tag or rule that names the port. A docker label needs a new revision of the task definition.',
  'invalid-path':
    'Correct the label, tag or rule that names the path. A docker label needs a new revision of the task definition.',
  'invalid-scheme': 'Write http or https, or leave the scheme out.',
  'network-mode': 'Run the task in network mode awsvpc, bridge or host.',
  unhealthy: 'Find out why its health check fails, or switch the setting healthyOnly off.',
};

/** What can ask for a task that nothing asks for: only what this deployment reads, and what the task can have. */
export const selectAdvice = (
  { namespacesParameter }: Pick<DiscoverySettings, 'namespacesParameter'>,
  { service }: Pick<Task, 'service'>,
): string =>
  [
    `Give a container the docker label ECS_PROMETHEUS_EXPORTER_PORT with its metrics port and ${service === undefined ? 'run the task again' : 'roll the service'}`,
    ...(namespacesParameter === undefined || service === undefined
      ? []
      : ['tag its Cloud Map service with METRICS_PATH and METRICS_PORT']),
    'add a rule for it to the setting scrapeRules. See docs/scraping.md.',
  ].join(', or ');

/** What to do where AWS did not say what is needed. */
export function adviceOnError(error: Error): string {
  if (isThrottle(error)) {
    return 'Nothing: the discovery tries again until AWS answers, and what is published stays. The limit is shared by the whole account and Region; if it lasts, find out who else polls this API.';
  }
  if (isNamed(error, 'NotRecorded')) return 'Record the task again, or write that answer into the file.';
  if (isNamed(error, 'MalformedTask')) {
    return 'ECS gives all of them: correct the recording. If ECS itself answers so, this version does not understand it: update the project.';
  }
  if (isDenied(error))
    return 'Give the permission that is named here to who asked: to the functions by deploying the stack again.';
  return 'What is published stays, and the discovery tries again. If it lasts, correct what is named here and run "resync".';
}
