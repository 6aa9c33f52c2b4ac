/** What is there before a resync: what is published, what is registered, and which tasks ECS lists. */
import type { CloudMap } from '../aws/cloud-map.ts';
import type { Ecs } from '../aws/ecs.ts';
import { describeError, isNamed } from '../aws/errors.ts';
import type { ShardRead, ShardReader } from '../aws/shard-reader.ts';
import { isElsewhere } from '../discovery/cluster/cluster-key.ts';
import { shardOfTask } from '../discovery/shard/shard-of-task.ts';
import { LABELS } from '../discovery/target/labels.ts';
import { isOfCluster, type RegisteredInstance } from '../discovery/target/registration.ts';
import type { TaskTargets } from '../discovery/target/task-targets.ts';
import type { TaskId } from '../discovery/task/task.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import type { CloudMapLookup } from '../look-up/cloud-map-lookup.ts';
import type { ResyncRequest } from './resync-summary.ts';

export interface StateDeps {
  readonly shards: ShardReader;
  readonly ecs: Ecs;
  readonly cloudMap: Pick<CloudMap, 'listInstances'>;
  readonly cloudMapLookup: CloudMapLookup;
  readonly settings: Pick<DiscoverySettings, 'shards'>;
}

/** An instance of a Cloud Map service that this deployment owns. */
export type OwnedInstance = RegisteredInstance & { readonly serviceId: string };

/** What a resync looks at; the whole cluster where nothing is named. */
type Scope = Pick<ResyncRequest, 'service' | 'task'>;

export const isWhole = ({ service, task }: Scope): boolean => service === undefined && task === undefined;

export interface ClusterState {
  readonly reads: ReadonlyMap<number, ShardRead>;
  /** Tasks that ECS lists as meant to run. */
  readonly listed: ReadonlySet<TaskId>;
  readonly instances: ReadonlyMap<TaskId, readonly OwnedInstance[]>;
  /** Ids of all tasks in the scope that are listed, published anywhere, or registered, by the shard they belong to. */
  readonly taskIds: ReadonlyMap<number, readonly TaskId[]>;
  /** What could not be read of Cloud Map. */
  readonly problems: readonly string[];
}

/** ECS does not know the service in this cluster, and nothing of it is left there. */
export class NoSuchService extends Error {
  override readonly name = 'NoSuchService';
}

/**
 * What is published and registered is read before the tasks are: something published meanwhile must not look stale.
 *
 * @throws NoSuchService, or what SSM or ECS answers
 */
export async function readClusterState(deps: StateDeps, cluster: string, scope: Scope): Promise<ClusterState> {
  const { shards, ecs, settings } = deps;
  const reads = await shards.read(cluster, [...Array(settings.shards).keys()]);
  const { instances, problems } = await instancesOf(deps, cluster, scope);
  const all = await listTasks(ecs, cluster, scope.service);
  const listed = (all ?? []).filter((id) => inTask(scope, id));
  const published = [...reads.values()].flatMap((read) => [...entriesOf(read).values()]);
  const ids = new Set([
    ...listed,
    ...published.filter((targets) => inScope(targets, scope)).map(({ taskId }) => taskId),
    ...instances.map(({ instanceId }) => instanceId as TaskId),
  ]);
  if (!all && ids.size === 0) throw new NoSuchService(`ECS knows no service ${scope.service} in cluster ${cluster}`);
  return {
    reads,
    listed: new Set(listed),
    instances: Map.groupBy(instances, ({ instanceId }) => instanceId as TaskId),
    taskIds: Map.groupBy([...ids].sort(), (id) => shardOfTask(id, settings.shards)),
    problems,
  };
}

/** @returns undefined where ECS does not know the service, as one that was deleted a while ago */
async function listTasks(ecs: Ecs, cluster: string, service: string | undefined): Promise<TaskId[] | undefined> {
  try {
    return await ecs.listTasks(cluster, service);
  } catch (error) {
    if (service !== undefined && isNamed(error, 'ServiceNotFoundException')) return undefined;
    throw error;
  }
}

/** What a shard holds; nothing where no version counts. */
export const entriesOf = (read: ShardRead | undefined): ReadonlyMap<TaskId, TaskTargets> =>
  new Map(read?.kind === 'shard' ? [...read.shard.tasks].map(([taskId, { targets }]) => [taskId, targets]) : []);

const inTask = ({ task }: Scope, taskId: string): boolean => task === undefined || taskId === task;

/** Whether an entry of a shard is looked at. */
const inScope = (targets: TaskTargets, scope: Scope): boolean =>
  inTask(scope, targets.taskId) && (scope.service === undefined || targets.labels[LABELS.service] === scope.service);

/**
 * Where Cloud Map does not say what is registered, targets are put right all the same: an instance that is not known is
 * registered again, or not deregistered this time.
 */
async function instancesOf(
  { cloudMapLookup, cloudMap }: StateDeps,
  cluster: string,
  scope: Scope,
): Promise<{ readonly instances: readonly OwnedInstance[]; readonly problems: readonly string[] }> {
  // Nothing of a cluster elsewhere is registered here, where one may have the same name.
  if (isElsewhere(cluster)) return { instances: [], problems: [] };
  const problems: string[] = [];
  const unlessFailing = async <T>(looking: Promise<readonly T[]>): Promise<readonly T[]> =>
    looking.catch((error: unknown) => {
      problems.push(describeError(error));
      return [];
    });
  const owned = await unlessFailing(cloudMapLookup.owned());
  const found = await Promise.all(
    owned
      .filter(({ name }) => scope.service === undefined || name === scope.service)
      .map(async ({ id }) => {
        const instances = await unlessFailing(cloudMap.listInstances(id));
        return instances
          .filter((instance) => isOfCluster(instance, cluster) && inTask(scope, instance.instanceId))
          .map((instance) => ({ ...instance, serviceId: id }));
      }),
  );
  return { instances: found.flat(), problems };
}
