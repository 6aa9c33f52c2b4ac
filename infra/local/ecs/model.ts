/** What the stand-in for the ECS control plane keeps in memory. */

export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  readonly dockerLabels: Readonly<Record<string, string>>;
  readonly portMappings: readonly { readonly containerPort: number; readonly protocol: string }[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
  readonly healthCheck?: HealthCheck | undefined;
}

export interface HealthCheck {
  /** Begins with `CMD`, or `CMD-SHELL` for one that a shell reads. */
  readonly command: readonly string[];
  /** Seconds between two. */
  readonly interval: number;
  /** Failures in a row that make the container unhealthy. */
  readonly retries: number;
}

export type NetworkMode = 'awsvpc' | 'bridge' | 'host';

export interface TaskDefinition {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  readonly cpu: string;
  readonly memory: string;
  readonly networkMode: NetworkMode;
  /** INACTIVE once it is deregistered: still described, and still used by the tasks that have it. */
  status: 'ACTIVE' | 'INACTIVE';
  readonly containers: readonly ContainerDefinition[];
}

export interface Service {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly serviceRegistries: readonly { readonly registryArn: string }[];
  /** ECS: the scheduler keeps `desiredCount` tasks running. EXTERNAL: somebody else starts and stops them. */
  readonly deploymentController: 'ECS' | 'EXTERNAL';
  /** DAEMON: a task on each container instance, whatever the desired count is. */
  readonly schedulingStrategy: 'REPLICA' | 'DAEMON';
  desiredCount: number;
  taskDefinition: TaskDefinition;
}

/** In the order in which a task goes through them. */
export type TaskStatus =
  | 'PROVISIONING'
  | 'PENDING'
  | 'ACTIVATING'
  | 'RUNNING'
  | 'DEACTIVATING'
  | 'STOPPING'
  | 'DEPROVISIONING'
  | 'STOPPED';

/** Where Docker publishes a port of a container, in bridge mode. */
export interface NetworkBinding {
  readonly bindIP: string;
  readonly containerPort: number;
  readonly hostPort: number;
  readonly protocol: string;
}

/** The processes of a task. */
export interface Workload {
  readonly pid: number;
  /** How it ended, by itself or because it was stopped; never rejects. */
  readonly ended: Promise<string>;
  readonly bindings?: readonly NetworkBinding[];
  /** Runs the health checks of its containers once. @default - none has one */
  readonly check?: () => Promise<boolean>;
  readonly stop: () => Promise<void>;
}

/** What of a task changes; times in milliseconds since 1970. */
export interface TaskState {
  lastStatus: TaskStatus;
  desiredStatus: 'RUNNING' | 'STOPPED';
  /** Rises with each change. */
  version: number;
  updatedAt: number;
  startedAt?: number | undefined;
  stoppingAt?: number | undefined;
  stoppedAt?: number | undefined;
  stopCode?: string | undefined;
  stoppedReason?: string | undefined;
  exitCode?: number | undefined;
  /** How its essential container ended by itself, in words. */
  exitReason?: string | undefined;
  /** In bridge mode, of its first container, from when it runs. */
  bindings?: readonly NetworkBinding[] | undefined;
}

export interface Task extends TaskState {
  readonly id: string;
  readonly arn: string;
  readonly cluster: string;
  /** Name of the service that it belongs to; absent for a task that was run on its own. */
  readonly service?: string;
  readonly taskDefinition: TaskDefinition;
  /** Of its network interface, in awsvpc mode; here a loopback address. */
  readonly address?: string;
  /** Id of the container instance that it runs on; absent on Fargate. */
  readonly containerInstance?: string;
  readonly createdAt: number;
  /** All that it ever was, oldest first; the last is what it is now. */
  readonly history: TaskState[];
  workload?: Workload;
  /** By its health checks; not in its events. @default UNKNOWN */
  health?: 'HEALTHY' | 'UNHEALTHY';
  /** The `detail` of a recorded event that this task is shown as, see shown-task.ts. */
  readonly shownAs?: Readonly<Record<string, unknown>>;
}
