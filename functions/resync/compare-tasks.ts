/** Compares tasks with what is published and registered of them, and says what differs; reads only. */
import { describeError } from '../aws/errors.ts';
import type { Misregistered } from '../discovery/change/announcement.ts';
import type { TaskChange } from '../discovery/change/change.ts';
import { type Plan, type Published, plan } from '../discovery/plan/plan.ts';
import { isRegistered } from '../discovery/target/registration.ts';
import type { TaskId } from '../discovery/task/task.ts';
import { type ObserveDeps, type ObservedTask, observeTasks } from '../look-up/observe-tasks.ts';
import type { OwnedInstance } from './cluster-state.ts';

/** What is known of the tasks that are compared. */
export interface Known {
  readonly published: (taskId: TaskId) => Published;
  readonly instances: ReadonlyMap<TaskId, readonly OwnedInstance[]>;
  /** Tasks that stand in a shard where they do not belong. */
  readonly misplaced: ReadonlySet<TaskId>;
  /** Tasks that ECS lists: one that it does not know all the same has not been seen right. */
  readonly listed: ReadonlySet<TaskId>;
}

/** One task, and what follows from the comparison. */
export interface ComparedTask {
  readonly look: ObservedTask;
  readonly published: Published;
  /** To be announced, if anything is. */
  readonly change?: TaskChange;
  /** What the look says of the task, whatever is published; absent where it says nothing. */
  readonly statement?: TaskChange;
  readonly lacksRegistration: boolean;
  readonly misregistered: readonly Misregistered[];
  /** Why nothing can be said of the task; what is published of it stays. */
  readonly problem?: string;
}

/** @param since how old an answer of Cloud Map may be that selects nothing, in milliseconds since 1970 */
export async function compareTasks(
  deps: ObserveDeps,
  cluster: string,
  taskIds: readonly TaskId[],
  known: Known,
  since: number,
): Promise<ComparedTask[]> {
  const looks = observeTasks(deps, cluster, taskIds, { unselected: since });
  return Promise.all([...looks.values()].map(async (look) => compareTask(await look, known)));
}

function compareTask(seen: ObservedTask, known: Known): ComparedTask {
  const { taskId, observed } = seen;
  const published = known.published(taskId);
  const look = seen.observation.kind === 'missing' && known.listed.has(taskId) ? contradicted(seen) : seen;
  const { observation, registration } = look;
  const registered = known.instances.get(taskId) ?? [];
  const planned = plan(taskId, published, observation, observed);
  const statement = isChange(planned) ? planned : plan(taskId, 'nothing', observation, observed);

  const belongs = ({ serviceId }: OwnedInstance): boolean => serviceId === registration?.serviceId;
  const isKnown = observation.kind !== 'unknown' && observation.kind !== 'starting';
  const lacksRegistration =
    registration !== undefined && !registered.some((it) => belongs(it) && isRegistered(registration, it));
  const isRepeated = lacksRegistration || known.misplaced.has(taskId);
  const change = isRepeated ? statement : planned;
  return {
    look,
    published,
    lacksRegistration,
    misregistered: isKnown
      ? registered.filter((it) => !belongs(it)).map(({ serviceId }) => ({ serviceId, taskId }))
      : [],
    ...(isChange(statement) && { statement }),
    ...(isChange(change) && { change }),
    ...(planned.kind === 'held' && { problem: `task ${taskId}: ${describeError(planned.error)}` }),
  };
}

/** ECS lists a task and does not know it: one of the two is not true. */
const contradicted = (look: ObservedTask): ObservedTask => ({
  ...look,
  observation: { kind: 'unknown', error: new Error('ECS lists the task but does not know it') },
});

const isChange = (planned: Plan): planned is TaskChange => 'taskId' in planned;

export const differs = ({ change, misregistered }: ComparedTask): boolean =>
  change !== undefined || misregistered.length > 0;

export const isRemoval = ({ change }: ComparedTask): boolean => change !== undefined && change.kind !== 'upsert';

/** Nothing can be said of the task: it could not be looked at, or not whole. */
export const isUnclear = ({ problem }: ComparedTask): boolean => problem !== undefined;
