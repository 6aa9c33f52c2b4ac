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

/** Nothing passes that no announcement could carry: consumers would put it aside with all that is announced beside it. */
const taskShape = z.object({
  taskArn: z.string().check(z.regex(/^arn:[^:]+:ecs:[^:]+:\d{12}:task\/([^/]+\/)?[\w-]{1,64}$/)),
  clusterArn: z.string().check(z.regex(/^arn:[^:]+:ecs:[^:]+:\d{12}:cluster\/[^/]+$/)),
  taskDefinitionArn: z.string().check(z.regex(/^arn:[^:]+:ecs:[^:]+:\d{12}:task-definition\/[^/:]+:\d+$/)),
  lastStatus: z.string(),
  desiredStatus: z.string(),
  version: z.int().check(z.minimum(0)),
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
  return taskOf(shape);
}

function taskOf(shape: z.infer<typeof taskShape>): Task {
  const { taskArn, clusterArn, taskDefinitionArn, version, lastStatus, desiredStatus } = shape;
  const { group, launchType, startedBy, platformFamily, platformVersion, availabilityZone, containerInstanceArn } =
    shape;
  const [, , , region = '', account = ''] = taskArn.split(':');
  const attachments = shape.attachments ?? [];
  const containers = shape.containers ?? [];
  const interfaces = containers.flatMap(({ networkInterfaces }) => networkInterfaces ?? []);
  return {
    arn: taskArn,
    id: lastPartOfArn(taskArn) as TaskId,
    clusterArn,
    cluster: lastPartOfArn(clusterArn) as ClusterName,
    region,
    account,
    version,
    lastStatus,
    desiredStatus,
    started: shape.startedAt != null || lastStatus === 'RUNNING',
    taskDefinitionArn,
    family: lastPartOfArn(taskDefinitionArn).replace(/:\d+$/, ''),
    containers: containers.map(({ name, networkBindings }) => ({
      name,
      networkBindings: (networkBindings ?? []).flatMap(bindingsOf),
    })),
    ...given({ group, launchType, startedBy, platformFamily, platformVersion, availabilityZone, containerInstanceArn }),
    ...given({
      service: group?.startsWith('service:') ? group.slice('service:'.length) : undefined,
      stoppingAt: timeOf(shape.stoppingAt),
      healthStatus: healthOf(shape.healthStatus),
      address: addressOf(attachments, interfaces),
      subnetId: subnetOf(attachments),
      tags: tagsOf(shape.tags ?? []),
    }),
  };
}

/** The fields that ECS gave; null and an empty text stand for none. */
const given = <Fields extends object>(fields: Fields) =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => (value ?? '') !== '')) as {
    [Name in keyof Fields]?: NonNullable<Fields[Name]>;
  };

/** Undefined where it is no time. */
function timeOf(date: string | Date | null | undefined): number | undefined {
  const time = date == null ? Number.NaN : new Date(date).getTime();
  return Number.isNaN(time) ? undefined : time;
}

const healthOf = (status: string | null | undefined): Task['healthStatus'] =>
  status === 'HEALTHY' || status === 'UNHEALTHY' ? status : undefined;

/** Undefined where there are none. */
function tagsOf(tags: NonNullable<z.infer<typeof taskShape>['tags']>): Task['tags'] {
  const entries = tags.flatMap(({ key, value }): [string, string][] => (key ? [[key, value ?? '']] : []));
  return entries.length > 0 ? Object.fromEntries(entries) : undefined;
}
