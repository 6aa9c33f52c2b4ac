/** One observation of an ECS task: the same type whether it came from an event or from DescribeTasks. */
import * as z from 'zod/mini';

export type TaskId = string & { readonly __brand: 'TaskId' };
export type ClusterName = string & { readonly __brand: 'ClusterName' };

export interface Task {
  readonly arn: string;
  /** Last part of the ARN; also the Cloud Map instance id. */
  readonly id: TaskId;
  readonly cluster: ClusterName;
  readonly region: string;
  /** Rises with each change of the task; the same counter in events and in DescribeTasks. */
  readonly version: number;
  readonly lastStatus: string;
  readonly desiredStatus: string;
  /** When ECS began to stop it, in milliseconds since 1970; absent while it is meant to run. */
  readonly stoppingAt?: number;
  /** `HEALTHY`, `UNHEALTHY` or `UNKNOWN`; absent in events, which do not have it. */
  readonly healthStatus?: string;
  /** Whether it ever ran; a task that stopped before it did was never a scrape target. */
  readonly started: boolean;
  /** Name of the ECS service; absent for standalone tasks and custom groups. */
  readonly service?: string;
  readonly taskDefinitionArn: string;
  readonly family: string;
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

/** A port of a container and the host's port for it, or the first ports of two ranges of the same length. */
export interface NetworkBinding {
  readonly containerPort: number;
  readonly hostPort: number;
  /** How many ports in a row are bound; absent for one. */
  readonly count?: number;
  /** Bound for UDP; absent for TCP. */
  readonly isUdp?: true;
  /** Bound to an IPv6 address of the host (`::`); absent where it is IPv4 or not known. */
  readonly isIpv6?: true;
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

const attachment = z.object({
  type: z.nullish(z.string()),
  details: z.nullish(z.array(z.object({ name: z.nullish(z.string()), value: z.nullish(z.string()) }))),
});

const container = z.object({
  name: z.string(),
  networkBindings: z.nullish(
    z.array(
      z.object({
        containerPort: z.nullish(z.number()),
        hostPort: z.nullish(z.number()),
        containerPortRange: z.nullish(z.string()),
        hostPortRange: z.nullish(z.string()),
        protocol: z.nullish(z.string()),
        bindIP: z.nullish(z.string()),
      }),
    ),
  ),
  networkInterfaces: z.nullish(
    z.array(z.object({ privateIpv4Address: z.nullish(z.string()), ipv6Address: z.nullish(z.string()) })),
  ),
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
  containerInstanceArn: z.nullish(z.string()),
  attachments: z.nullish(z.array(attachment)),
  containers: z.nullish(z.array(container)),
});

type TaskShape = z.infer<typeof taskShape>;
type BindingShape = NonNullable<z.infer<typeof container>['networkBindings']>[number];

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
    const fields = parsed.error.issues.map((issue) => issue.path.join('.') || 'the task itself');
    throw new MalformedTask(`not a task: missing or wrong ${[...new Set(fields)].join(', ')}`);
  }
  const shape = parsed.data;
  const address = addressOf(shape);
  const stoppingAt = shape.stoppingAt == null ? Number.NaN : new Date(shape.stoppingAt).getTime();
  const service = shape.group?.startsWith('service:') ? shape.group.slice('service:'.length) : undefined;
  return {
    arn: shape.taskArn,
    id: lastPartOfArn(shape.taskArn) as TaskId,
    cluster: lastPartOfArn(shape.clusterArn) as ClusterName,
    region: shape.taskArn.split(':')[3] ?? '',
    version: shape.version,
    lastStatus: shape.lastStatus,
    desiredStatus: shape.desiredStatus,
    started: shape.startedAt != null || shape.lastStatus === 'RUNNING',
    taskDefinitionArn: shape.taskDefinitionArn,
    family: lastPartOfArn(shape.taskDefinitionArn).replace(/:\d+$/, ''),
    containers: (shape.containers ?? []).map((it) => ({
      name: it.name,
      networkBindings: (it.networkBindings ?? []).flatMap(bindingOf),
    })),
    ...(!Number.isNaN(stoppingAt) && { stoppingAt }),
    ...(service !== undefined && { service }),
    ...(address !== undefined && { address }),
    ...(shape.healthStatus && { healthStatus: shape.healthStatus }),
    ...(shape.availabilityZone && { availabilityZone: shape.availabilityZone }),
    ...(shape.containerInstanceArn && { containerInstanceArn: shape.containerInstanceArn }),
  };
}

function bindingOf(binding: BindingShape): NetworkBinding[] {
  const { containerPort, hostPort } = binding;
  const kind = {
    ...(binding.protocol?.toLowerCase() === 'udp' && { isUdp: true as const }),
    ...(binding.bindIP?.includes(':') && { isIpv6: true as const }),
  };
  if (containerPort && hostPort) return [{ containerPort, hostPort, ...kind }];
  const container = rangeOf(binding.containerPortRange);
  const host = rangeOf(binding.hostPortRange);
  if (!container || !host) return [];
  return [{ containerPort: container.first, hostPort: host.first, count: container.count, ...kind }];
}

/** `9000-9005`, as ECS writes a range of ports. */
function rangeOf(text: string | null | undefined): { first: number; count: number } | undefined {
  const [, first, last] = /^(\d+)-(\d+)$/.exec(text ?? '') ?? [];
  return first && last ? { first: Number(first), count: Number(last) - Number(first) + 1 } : undefined;
}

/** The attachment is called `eni` in events and `ElasticNetworkInterface` in DescribeTasks. */
function addressOf(shape: TaskShape): string | undefined {
  const interfaces = (shape.containers ?? []).flatMap((it) => it.networkInterfaces ?? []);
  const attached = (shape.attachments ?? [])
    .filter(({ type }) => type === 'eni' || type === 'ElasticNetworkInterface')
    .flatMap(({ details }) => details ?? [])
    .find(({ name, value }) => name === 'privateIPv4Address' && value)?.value;
  return (
    attached ??
    interfaces.find((it) => it.privateIpv4Address)?.privateIpv4Address ??
    interfaces.find((it) => it.ipv6Address)?.ipv6Address ??
    undefined
  );
}
