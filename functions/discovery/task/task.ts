/** One observation of an ECS task: the same type whether it came from an event or from DescribeTasks. */
import * as z from 'zod/mini';
import { wrongFields } from '../wrong-fields.ts';
import {
  addressOf,
  attachmentShape,
  bindingShape,
  bindingsOf,
  interfaceShape,
  type NetworkBinding,
  subnetOf,
} from './task-network.ts';

export type TaskId = string & { readonly __brand: 'TaskId' };
type ClusterName = string & { readonly __brand: 'ClusterName' };

export interface Task {
  readonly arn: string;
  /** Last part of the ARN; also the Cloud Map instance id. */
  readonly id: TaskId;
  readonly clusterArn: string;
  /** Name of the cluster, of which there may be others in other accounts and Regions. */
  readonly cluster: ClusterName;
  readonly region: string;
  readonly account: string;
  /** Rises with each change of the task; the same counter in events and in DescribeTasks. */
  readonly version: number;
  readonly lastStatus: string;
  readonly desiredStatus: string;
  /** When ECS began to stop it, in milliseconds since 1970; absent while it is meant to run. */
  readonly stoppingAt?: number;
  /** Absent where it is not known, and in events, which do not have it. */
  readonly healthStatus?: 'HEALTHY' | 'UNHEALTHY';
  /** Whether it ever ran; a task that stopped before it did was never a scrape target. */
  readonly started: boolean;
  readonly group?: string;
  /** Name of the ECS service; absent for standalone tasks and custom groups. */
  readonly service?: string;
  readonly taskDefinitionArn: string;
  readonly family: string;
  readonly launchType?: string;
  /** `ecs-svc/…` for tasks of a service, else what RunTask was given. */
  readonly startedBy?: string;
  readonly platformFamily?: string;
  readonly platformVersion?: string;
  /** Subnet of its own network interface. */
  readonly subnetId?: string;
  /** Only where DescribeTasks was asked for them. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly availabilityZone?: string;
  /** Set on EC2 capacity and external instances: where the host's address is found in bridge and host mode. */
  readonly containerInstanceArn?: string;
  /** Private address of the task's own network interface (awsvpc), IPv4 where there is one. */
  readonly address?: string;
  readonly containers: readonly TaskContainer[];
}

export interface TaskContainer {
  readonly name: string;
  /** Bridge mode only: the ports that Docker published on the host. */
  readonly networkBindings: readonly NetworkBinding[];
}

/** Stopping is final: once this is true for a task it never becomes false. */
export const isStopped = (task: Task): boolean => task.desiredStatus === 'STOPPED' || task.lastStatus === 'STOPPED';

export const isRunning = (task: Task): boolean => task.lastStatus === 'RUNNING' && !isStopped(task);

/**
 * Of two observations of one task the newer one; a stop beats anything, whatever the versions say. Of the same version it
 * is the second: DescribeTasks, which is asked after the event, tells more.
 */
export function newer(a: Task, b: Task): Task {
  if (isStopped(a) !== isStopped(b)) return isStopped(a) ? a : b;
  return b.version >= a.version ? b : a;
}

/** What comes after the last `/` of an ARN; old accounts have task ARNs without the cluster's name. */
export const lastPartOfArn = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** Partition, service, Region and account of an ARN: `arn:aws:ecs:eu-west-1:111122223333`. */
export const placeOfArn = (arn: string): string => arn.split(':').slice(0, 5).join(':');

const container = z.object({
  name: z.string(),
  networkBindings: z.nullish(z.array(bindingShape)),
  networkInterfaces: z.nullish(z.array(interfaceShape)),
});

const taskShape = z.object({
  taskArn: z.string().check(z.regex(/^arn:[^:]+:ecs:[^:]+:\d{12}:task\/([^/]+\/)?[\w-]+$/)),
  clusterArn: z.string().check(z.regex(/^arn:[^:]+:ecs:[^:]+:\d{12}:cluster\/[^/]+$/)),
  taskDefinitionArn: z.string().check(z.regex(/^arn:[^:]+:ecs:[^:]+:\d{12}:task-definition\/[^/:]+:\d+$/)),
  lastStatus: z.string(),
  desiredStatus: z.string(),
  version: z.int(),
  group: z.nullish(z.string()),
  /** Text in events, a Date from the SDK. */
  startedAt: z.nullish(z.unknown()),
  stoppingAt: z.nullish(z.union([z.string(), z.instanceof(Date)])),
  availabilityZone: z.nullish(z.string()),
  healthStatus: z.nullish(z.string()),
  launchType: z.nullish(z.string()),
  startedBy: z.nullish(z.string()),
  platformFamily: z.nullish(z.string()),
  platformVersion: z.nullish(z.string()),
  tags: z.nullish(z.array(z.object({ key: z.nullish(z.string()), value: z.nullish(z.string()) }))),
  containerInstanceArn: z.nullish(z.string()),
  attachments: z.nullish(z.array(attachmentShape)),
  containers: z.nullish(z.array(container)),
});

/** Says which field of a task is missing or wrong, without quoting its value: overrides may hold secrets. */
export class MalformedTask extends Error {
  override readonly name = 'MalformedTask';
}

/**
 * Reads a task from the `detail` of an ECS Task State Change event or from an element of DescribeTasks' `tasks`.
 * Unknown fields are ignored.
 *
 * @throws MalformedTask naming the fields that are missing or wrong.
 */
export function parseTask(value: unknown): Task {
  const parsed = taskShape.safeParse(value);
  if (!parsed.success) {
    throw new MalformedTask(`not a task: missing or wrong ${wrongFields(parsed.error, 'the task itself')}`);
  }
  const shape = parsed.data;
  if (placeOfArn(shape.taskArn) !== placeOfArn(shape.clusterArn)) {
    throw new MalformedTask('not a task: its cluster is in another account or Region');
  }
  const attachments = shape.attachments ?? [];
  const containers = shape.containers ?? [];
  const health = shape.healthStatus;
  const address = addressOf(
    attachments,
    containers.flatMap((it) => it.networkInterfaces ?? []),
  );
  const subnetId = subnetOf(attachments);
  const tags = Object.fromEntries((shape.tags ?? []).flatMap(({ key, value }) => (key ? [[key, value ?? '']] : [])));
  const stoppingAt = shape.stoppingAt == null ? Number.NaN : new Date(shape.stoppingAt).getTime();
  const service = shape.group?.startsWith('service:') ? shape.group.slice('service:'.length) : undefined;
  return {
    arn: shape.taskArn,
    id: lastPartOfArn(shape.taskArn) as TaskId,
    clusterArn: shape.clusterArn,
    cluster: lastPartOfArn(shape.clusterArn) as ClusterName,
    region: shape.taskArn.split(':')[3] ?? '',
    account: shape.taskArn.split(':')[4] ?? '',
    version: shape.version,
    lastStatus: shape.lastStatus,
    desiredStatus: shape.desiredStatus,
    started: shape.startedAt != null || shape.lastStatus === 'RUNNING',
    taskDefinitionArn: shape.taskDefinitionArn,
    family: lastPartOfArn(shape.taskDefinitionArn).replace(/:\d+$/, ''),
    containers: containers.map((it) => ({
      name: it.name,
      networkBindings: (it.networkBindings ?? []).flatMap(bindingsOf),
    })),
    ...(!Number.isNaN(stoppingAt) && { stoppingAt }),
    ...(service !== undefined && { service }),
    ...(address !== undefined && { address }),
    ...(shape.group && { group: shape.group }),
    ...(shape.launchType && { launchType: shape.launchType }),
    ...(shape.startedBy && { startedBy: shape.startedBy }),
    ...(shape.platformFamily && { platformFamily: shape.platformFamily }),
    ...(shape.platformVersion && { platformVersion: shape.platformVersion }),
    ...(subnetId !== undefined && { subnetId }),
    ...(Object.keys(tags).length > 0 && { tags }),
    ...((health === 'HEALTHY' || health === 'UNHEALTHY') && { healthStatus: health }),
    ...(shape.availabilityZone && { availabilityZone: shape.availabilityZone }),
    ...(shape.containerInstanceArn && { containerInstanceArn: shape.containerInstanceArn }),
  };
}
