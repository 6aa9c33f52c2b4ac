/** Finds the address of a task's host, for the network modes in which it is the task's own. */
import { INSTANCES_PER_CALL } from '../aws/ec2.ts';
import { TASKS_PER_CALL } from '../aws/ecs.ts';
import type { Reach } from '../aws/reach.ts';
import type { Clock } from '../discovery/clock.ts';
import { clusterKeyOf } from '../discovery/cluster/cluster-key.ts';
import type { Task } from '../discovery/task/task.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import { createLoader, type Loader } from './expiring-loader.ts';

interface HostAddresses {
  /**
   * Undefined where the host is no EC2 instance, or has no address.
   *
   * @throws when AWS does not say
   */
  of(task: Task): Promise<string | undefined>;
}

/** The address of a host does not change while it runs. */
const HOST_SECONDS = 60 * 60;

export function createHostAddresses(
  { ecs, ec2Of, clock }: Reach & { readonly clock: Clock },
  { clusters, here }: Pick<DiscoverySettings, 'clusters' | 'here'>,
): HostAddresses {
  const load = <Value>(
    service: string,
    batchSize: number,
    request: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
  ): Loader<Value> => createLoader(explained(service, request), { batchSize, seconds: HOST_SECONDS, clock });

  const hosts = new Map(
    clusters.map((cluster) => [
      cluster,
      {
        instanceIds: load('ECS', TASKS_PER_CALL, (arns) => ecs.describeContainerInstances(cluster, arns)),
        addresses: load('EC2', INSTANCES_PER_CALL, (ids) => ec2Of(cluster).privateAddresses(ids)),
      },
    ]),
  );

  return {
    async of(task) {
      if (task.containerInstanceArn === undefined) return undefined;
      const ofCluster = hosts.get(clusterKeyOf(task.clusterArn, here));
      const instanceId = await ofCluster?.instanceIds.load(task.containerInstanceArn);
      return instanceId ? ((await ofCluster?.addresses.load(instanceId)) ?? undefined) : undefined;
    },
  };
}

/** The same request, with a reason for each key that the answer leaves out: nothing follows from that about the task. */
function explained<Value>(
  service: string,
  request: (keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): (keys: readonly string[]) => Promise<ReadonlyMap<string, Value | Error>> {
  return async (keys) => {
    const found = await request(keys);
    const missing = keys.filter((key) => !found.has(key));
    return new Map<string, Value | Error>([
      ...found,
      ...missing.map((key) => [key, new Error(`${service} gives no answer for ${key}, the host of the task`)] as const),
    ]);
  };
}
