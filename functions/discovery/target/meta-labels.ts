/**
 * Labels `__meta_ecs_…`, in the names of Prometheus' own ECS discovery and of the ECS observer, so that relabelling that
 * exists goes on. Most follow from a few: these alone are stored with a task, and the others are written into the target
 * files. What changes without an event (health, counts) is left out, and so is what only EC2 knows.
 */
import type { Task } from '../task/task.ts';
import type { ContainerDefinition, NetworkMode } from '../task/task-definition.ts';
import { LABELS, type Labels } from './labels.ts';

const META = '__meta_ecs_';
/** Says that a target has these labels, and most of them follow from it. */
const CLUSTER_ARN = `${META}cluster_arn`;
/** Stored up to the task's id, and only where it does not follow from the cluster: in old accounts. */
const TASK_ARN = `${META}task_arn`;

const hasClusterInArn = ({ arn, cluster, id }: Task): boolean => arn.endsWith(`:task/${cluster}/${id}`);

const withoutEmpty = (labels: Readonly<Record<string, string | undefined>>): Labels =>
  Object.fromEntries(
    Object.entries(labels).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, value]])),
  );

const prefixed = (prefix: string, values: Readonly<Record<string, string | undefined>>): Labels =>
  Object.fromEntries(
    Object.entries(withoutEmpty(values))
      .map(([name, value]) => [META + prefix + name.replaceAll(/[^a-zA-Z0-9_]/g, '_'), value] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

/** What cannot be derived: equal for the tasks of one deployment of a service in one subnet, and so cheap in a shard. */
export function storedMetaLabels(
  task: Task,
  networkMode: NetworkMode | undefined,
  tags: { readonly service?: Labels; readonly cluster?: Labels },
): Labels {
  const isOfService = task.group === undefined || task.group === `service:${task.service}`;
  return withoutEmpty({
    [CLUSTER_ARN]: task.clusterArn,
    [TASK_ARN]: hasClusterInArn(task) ? undefined : task.arn.slice(0, -task.id.length),
    [`${META}task_definition_revision`]: task.taskDefinitionArn.split(':').at(-1),
    [`${META}task_group`]: isOfService ? undefined : task.group,
    [`${META}task_started_by`]: task.startedBy,
    [`${META}launch_type`]: task.launchType,
    [`${META}availability_zone`]: task.availabilityZone,
    [`${META}subnet_id`]: task.subnetId,
    [`${META}network_mode`]: networkMode,
    [`${META}platform_family`]: task.platformFamily,
    [`${META}platform_version`]: task.platformVersion,
    [`${META}container_instance_arn`]: task.containerInstanceArn,
    ...prefixed('tag_cluster_', tags.cluster ?? {}),
    ...prefixed('tag_service_', tags.service ?? {}),
    ...prefixed('tag_task_', task.tags ?? {}),
  });
}

/** The container behind a target, as the observer has it; its name, too, where no label of the target has that. */
export const containerMetaLabels = ({ name, dockerLabels }: ContainerDefinition, isNamed: boolean): Labels => ({
  ...(!isNamed && { [`${META}container_name`]: name }),
  ...prefixed('container_labels_', dockerLabels),
});

/** All of them, from what is stored; none where nothing is. */
export function derivedMetaLabels(labels: Labels, { taskId, address }: { taskId: string; address: string }): Labels {
  const clusterArn = labels[CLUSTER_ARN];
  if (clusterArn === undefined) return {};
  const of = (name: string): string | undefined => labels[META + name];
  const [account = '', cluster = ''] = clusterArn.split(':cluster/');
  const service = labels[LABELS.service];
  const family = labels[LABELS.taskDefinition];
  const revision = of('task_definition_revision');
  const taskArn = `${labels[TASK_ARN] ?? `${account}:task/${cluster}/`}${taskId}`;
  const derived = {
    cluster,
    cluster_name: cluster,
    region: account.split(':')[3],
    service,
    service_name: service,
    service_arn: service && `${account}:service/${cluster}/${service}`,
    task_arn: taskArn,
    source: taskArn,
    task_group: of('task_group') ?? (service && `service:${service}`),
    task_definition: `${account}:task-definition/${family}:${revision}`,
    task_definition_family: family,
    task_launch_type: of('launch_type'),
    ip_address: address,
    // Only running tasks are targets.
    desired_status: 'RUNNING',
    last_status: 'RUNNING',
    container_name: labels[LABELS.container],
  };
  const tags = Object.entries(labels).filter(([name]) => name.startsWith(`${META}tag_task_`));
  const observerTags = tags.map(([name, value]) => [name.replace('tag_task_', 'task_tags_'), value]);
  return { ...prefixed('', derived), ...Object.fromEntries(observerTags) };
}
