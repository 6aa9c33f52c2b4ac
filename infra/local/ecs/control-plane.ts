import { serviceArn, taskArn, taskDefinitionArn } from './arn.ts';
import type { ContainerDefinition, NetworkBinding, NetworkMode, Service, Task, TaskDefinition } from './model.ts';
import { leastUsed, rolloutOf } from './schedule.ts';
import { bringDown, bringUp, firstStatus, type Lifecycle, restartContainer } from './task-lifecycle.ts';

/** How long DescribeTasks and ListTasks still know a stopped task: "at least one hour" (ECS API reference). */
const STOPPED_VISIBLE_MILLISECONDS = 3_600_000;

export interface ControlPlaneOptions extends Omit<Lifecycle, 'changed'> {
  readonly cluster: string;
  /** Hears of each change of a task, in order. */
  readonly changed: (task: Task) => void;
  /** The address of the next task that has a network interface of its own. */
  readonly nextAddress: () => string;
  /** The id of the next task: 32 hexadecimal digits. */
  readonly nextId: () => string;
}

/** A task to start. */
export interface TaskRequest {
  readonly taskDefinition: TaskDefinition;
  /** Name of the service that it belongs to. */
  readonly service?: string | undefined;
  /** Id of the container instance that it is placed on. @default none on Fargate, otherwise one that is chosen */
  readonly containerInstance?: string | undefined;
}

/** One ECS cluster in memory: task definitions, services, and a scheduler that keeps the services' tasks running. */
export class ControlPlane {
  readonly cluster: string;
  readonly taskDefinitions = new Map<string, readonly (TaskDefinition | undefined)[]>();
  readonly services = new Map<string, Service>();
  /** Ids of the machines, `i-…` on EC2, by the id of the container instance. */
  readonly containerInstances = new Map<string, string>();
  readonly #tasks = new Map<string, Task>();
  readonly #options: ControlPlaneOptions;
  readonly #lifecycle: Lifecycle;
  readonly #comingUp = new Set<Promise<void>>();
  readonly #due = new Set<Service>();
  #closed = false;

  constructor(options: ControlPlaneOptions) {
    this.cluster = options.cluster;
    this.#options = options;
    this.#lifecycle = { ...options, changed: (task) => this.#changed(task) };
  }

  /** The tasks that ECS still shows: all that have not stopped, and those that stopped within the last hour. */
  tasks(): readonly Task[] {
    const oldest = this.#options.now() - STOPPED_VISIBLE_MILLISECONDS;
    for (const task of this.#tasks.values()) {
      if (task.stoppedAt !== undefined && task.stoppedAt < oldest) this.#tasks.delete(task.id);
    }
    return [...this.#tasks.values()];
  }

  task(id: string): Task | undefined {
    const task = this.#tasks.get(id);
    const oldest = this.#options.now() - STOPPED_VISIBLE_MILLISECONDS;
    return task?.stoppedAt !== undefined && task.stoppedAt < oldest ? undefined : task;
  }

  registerTaskDefinition(
    family: string,
    containers: readonly ContainerDefinition[],
    size: { readonly cpu: string; readonly memory: string; readonly networkMode?: NetworkMode },
  ): TaskDefinition {
    const revisions = this.taskDefinitions.get(family) ?? [];
    const revision = revisions.length + 1;
    const arn = taskDefinitionArn(this.cluster, family, revision);
    const definition: TaskDefinition = {
      ...{ arn, family, revision, containers, status: 'ACTIVE', networkMode: 'awsvpc' },
      ...size,
    };
    this.taskDefinitions.set(family, [...revisions, definition]);
    return definition;
  }

  /** By ARN, `family:revision` or `family` (its newest revision). */
  taskDefinition(reference: string): TaskDefinition | undefined {
    const [family = '', revision] = reference.slice(reference.lastIndexOf('/') + 1).split(':');
    const revisions = this.taskDefinitions.get(family) ?? [];
    return revision === undefined ? revisions.at(-1) : revisions[Number(revision) - 1];
  }

  /** Nobody can describe it from now on; its number is not used again. */
  deleteTaskDefinition({ family, revision }: TaskDefinition): void {
    const revisions = this.taskDefinitions.get(family) ?? [];
    this.taskDefinitions.set(family, revisions.with(revision - 1, undefined));
  }

  createService(
    service: Pick<Service, 'name' | 'taskDefinition' | 'desiredCount' | 'serviceRegistries'> &
      Partial<Pick<Service, 'deploymentController' | 'schedulingStrategy'>>,
  ): Service {
    const arn = serviceArn(this.cluster, service.name);
    const created: Service = {
      ...{ deploymentController: 'ECS', schedulingStrategy: 'REPLICA', ...service },
      ...{ arn, createdAt: this.#options.now() },
    };
    this.services.set(service.name, created);
    this.#scheduleSoon(created);
    return created;
  }

  /** How many tasks of a service are to run. */
  desiredCount({ schedulingStrategy, desiredCount }: Service): number {
    return schedulingStrategy === 'DAEMON' ? this.containerInstances.size : desiredCount;
  }

  updateService(service: Service, change: Partial<Pick<Service, 'desiredCount' | 'taskDefinition'>>): void {
    Object.assign(service, change);
    this.#scheduleSoon(service);
  }

  /** The task exists as soon as this is called, so that the scheduler never starts one twice. */
  runTask({ taskDefinition, service, ...request }: TaskRequest): Task {
    const containerInstance = request.containerInstance ?? this.#place(taskDefinition, service);
    const id = this.#options.nextId();
    const now = this.#options.now();
    const task: Task = {
      ...{ id, arn: taskArn(this.cluster, id), cluster: this.cluster, taskDefinition },
      ...(service !== undefined && { service }),
      ...(taskDefinition.networkMode === 'awsvpc' && { address: this.#options.nextAddress() }),
      ...(containerInstance !== undefined && { containerInstance }),
      ...{ createdAt: now, updatedAt: now, version: 1, history: [] },
      ...{ lastStatus: firstStatus(taskDefinition.networkMode), desiredStatus: 'RUNNING' },
    };
    this.#tasks.set(id, task);
    const up = bringUp(task, this.#lifecycle).finally(() => this.#comingUp.delete(up));
    this.#comingUp.add(up);
    return task;
  }

  /** Shows a task that somebody else made, or another state of it; nobody hears of it. */
  show(task: Task): void {
    this.#tasks.set(task.id, task);
  }

  /** From now on nothing is known of the task, as an hour after it stopped. */
  forget(id: string): void {
    this.#tasks.delete(id);
  }

  /** A container of a task restarts; in bridge mode its ports may be published elsewhere then. */
  restartContainer(task: Task, bindings?: readonly NetworkBinding[]): void {
    restartContainer(task, bindings, this.#lifecycle);
  }

  async stopTask(task: Task, stoppedReason: string): Promise<void> {
    await bringDown(task, { stopCode: 'UserInitiated', stoppedReason }, this.#lifecycle);
  }

  /** Ends every process. Nobody is told: the cluster is gone, not its tasks. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const task of this.#tasks.values()) task.desiredStatus = 'STOPPED';
    await Promise.allSettled(this.#comingUp);
    await Promise.all([...this.#tasks.values()].map((task) => task.workload?.stop()));
  }

  #changed(task: Task): void {
    if (this.#closed) return;
    this.#options.changed(task);
    const service = task.service === undefined ? undefined : this.services.get(task.service);
    if (service !== undefined) this.#scheduleSoon(service);
  }

  /** Once what is going on now is over: starting a task is itself a change that asks for the scheduler. */
  #scheduleSoon(service: Service): void {
    if (service.deploymentController === 'EXTERNAL' || this.#due.has(service)) return;
    this.#due.add(service);
    queueMicrotask(() => {
      this.#due.delete(service);
      this.#schedule(service);
    });
  }

  #schedule(service: Service): void {
    if (this.#closed) return;
    const { name, taskDefinition } = service;
    const { starts, stops } = rolloutOf(service, this.desiredCount(service), this.#wantedTasks(name));
    for (let index = 0; index < starts; index += 1) this.runTask({ taskDefinition, service: name });
    const reason = {
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: `Scaling activity initiated by (deployment ecs-svc/${taskDefinition.revision})`,
    };
    for (const task of stops) void bringDown(task, reason, this.#lifecycle);
  }

  /** What has no network interface of its own needs a container instance. */
  #place({ networkMode }: TaskDefinition, service: string | undefined): string | undefined {
    if (networkMode === 'awsvpc') return undefined;
    return leastUsed(this.containerInstances.keys(), this.#wantedTasks(service));
  }

  #wantedTasks(service: string | undefined): Task[] {
    return [...this.#tasks.values()].filter((task) => task.service === service && task.desiredStatus === 'RUNNING');
  }
}
