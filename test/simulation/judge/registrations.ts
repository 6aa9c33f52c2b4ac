/** Compares Cloud Map with what ECS says: in the services that are ours exactly their running tasks, in others nothing of ours. */
import type { Task } from '../../../infra/local/ecs/model.ts';
import type { SimulatedCloudMap } from '../aws/cloud-map.ts';
import { addressOf, DEPLOYMENT, FOREIGN_INSTANCES, OWNER, workloadOf } from '../fleet.ts';
import type { Blame } from './violation.ts';

export function compareRegistrations(
  cloudMap: SimulatedCloudMap,
  running: readonly Task[],
  blame: Blame,
  isExcluded: (id: string) => boolean,
): void {
  for (const { id } of cloudMap.services().filter(({ tags }) => tags[OWNER] === DEPLOYMENT)) {
    const wanted = new Map(
      running.filter((task) => workloadOf(task).registeredIn === id).map((task) => [task.id, task]),
    );
    const instances = cloudMap.instancesOf(id);
    for (const task of wanted.values()) compareInstance(id, task, instances.get(task.id)?.attributes, blame);
    for (const instance of instances.keys()) {
      if (!wanted.has(instance) && !isExcluded(instance)) {
        blame('convergence', `${id} has an instance of a task that does not run`, instance);
      }
    }
  }
  for (const [id, instance] of Object.entries(FOREIGN_INSTANCES)) {
    const instances = [...cloudMap.instancesOf(id).keys()];
    if (instances.join() !== instance) blame('ownership', `${id}, which is not ours, has ${instances.join()}`);
  }
}

function compareInstance(
  serviceId: string,
  task: Task,
  attributes: Readonly<Record<string, string>> | undefined,
  blame: Blame,
): void {
  if (!attributes) {
    blame('convergence', `${serviceId} lacks a running task`, task.id);
    return;
  }
  const [endpoint] = workloadOf(task).endpoints(task);
  const wanted = {
    AWS_INSTANCE_IPV4: addressOf(task),
    AWS_INSTANCE_PORT: String(endpoint?.port),
    ECS_CLUSTER_NAME: task.cluster,
    METRICS_PATH: endpoint?.labels['__metrics_path__'],
  };
  if (Object.entries(wanted).some(([name, value]) => attributes[name] !== value)) {
    blame('convergence', `${serviceId} has wrong attributes: ${JSON.stringify(attributes)}`, task.id);
  }
}
