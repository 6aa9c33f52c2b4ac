/** What the stand-in for the ECS control plane keeps in memory. */

export interface ContainerDefinition {
  readonly name: string;
  readonly image: string;
  readonly dockerLabels: Readonly<Record<string, string>>;
  readonly portMappings: readonly { readonly containerPort: number; readonly protocol: string }[];
  readonly environment: readonly { readonly name: string; readonly value: string }[];
}

export interface TaskDefinition {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  readonly cpu: string;
  readonly memory: string;
  readonly containers: readonly ContainerDefinition[];
}

export interface Service {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly serviceRegistries: readonly { readonly registryArn: string }[];
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

/** The processes of a task. */
export interface Workload {
  readonly pid: number;
  /** How it ended, by itself or because it was stopped; never rejects. */
  readonly ended: Promise<string>;
  readonly stop: () => Promise<void>;
}

/** A task, with its times in milliseconds since 1970. */
export interface Task {
  readonly id: string;
  readonly arn: string;
  readonly cluster: string;
  /** Name of the service that it belongs to; absent for a task that was run on its own. */
  readonly service?: string;
  readonly taskDefinition: TaskDefinition;
  /** Loopback address in the place of the address of its network interface. */
  readonly address: string;
  readonly createdAt: number;
  lastStatus: TaskStatus;
  desiredStatus: 'RUNNING' | 'STOPPED';
  /** Rises with each change. */
  version: number;
  updatedAt: number;
  startedAt?: number;
  stoppingAt?: number;
  stoppedAt?: number;
  stopCode?: string;
  stoppedReason?: string;
  exitCode?: number;
  workload?: Workload;
}
