/** All that is known of one task, gathered before anything is said about it. */
import { asError } from '../../../functions/aws/errors.ts';
import { clusterKeyOf } from '../../../functions/discovery/cluster/cluster-key.ts';
import type { CloudMapServices } from '../../../functions/discovery/selection/cloud-map-service.ts';
import { type Selected, selectEndpoints } from '../../../functions/discovery/selection/select-endpoints.ts';
import type { Task } from '../../../functions/discovery/task/task.ts';
import type { TaskDefinition } from '../../../functions/discovery/task/task-definition.ts';
import type { lookUps } from '../../../functions/lambda/dependencies.ts';
import type { ObservedTask } from '../../../functions/look-up/observe-tasks.ts';

export type LookUps = ReturnType<typeof lookUps>;

/** What says how to scrape a running task; an error where AWS did not say. */
export interface SelectionFacts {
  readonly task: Task;
  readonly definition: TaskDefinition | Error;
  readonly services: CloudMapServices | Error;
  /** Absent where one of both is not known. */
  readonly selected?: Selected;
}

/** The same questions as those of the functions; what they were answered a moment ago is remembered. */
export async function selectionFacts(deps: LookUps, { task }: ObservedTask): Promise<SelectionFacts | undefined> {
  if (!task) return undefined;
  const [definition, services] = await Promise.all([
    deps.ecs.describeTaskDefinition(task.taskDefinitionArn).catch(asError),
    task.service === undefined
      ? {}
      : deps.cloudMapLookup.of(clusterKeyOf(task.clusterArn, deps.settings.here), task.service).catch(asError),
  ]);
  if (definition instanceof Error || services instanceof Error) return { task, definition, services };
  return { task, definition, services, selected: selectEndpoints(task, definition, services, deps.settings) };
}
