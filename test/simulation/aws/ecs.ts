/** ECS: tasks with the versions that they really go through, and the reads that the Lambdas do. */
import type { TaskId } from '../../../functions/discovery/task/task.ts';
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import { AwsError, throttled } from './aws-error.ts';
import type { Input, SimulatedService, Surroundings } from './simulated-service.ts';
import { TokenBucket } from './token-bucket.ts';

export const REGION = 'eu-west-1';
export const ACCOUNT = '123456789012';
const ARN = `arn:aws:ecs:${REGION}:${ACCOUNT}`;

export interface TaskDefinitionSpec {
  readonly family: string;
  readonly networkMode: 'awsvpc' | 'bridge';
  readonly container: string;
  readonly dockerLabels: Readonly<Record<string, string>>;
  readonly containerPorts: readonly number[];
}

/** One state of a task; the first has version 1. */
interface TaskVersion {
  readonly at: number;
  readonly lastStatus: string;
  readonly desiredStatus: 'RUNNING' | 'STOPPED';
  /** Bridge mode: where Docker publishes the container's port, from when it runs. */
  readonly hostPort?: number | undefined;
}

export interface SimulatedTask {
  readonly id: TaskId;
  readonly cluster: string;
  readonly service: string | undefined;
  readonly definition: TaskDefinitionSpec;
  readonly address: string;
  readonly containerInstance: string | undefined;
  readonly versions: TaskVersion[];
}

export interface EcsEvent {
  readonly task: SimulatedTask;
  readonly version: number;
  readonly body: string;
}

/** DescribeTasks shows a stopped task for about an hour. */
const STOPPED_VISIBLE = 60 * 60 * 1000;
const LIST_PAGE = 100;

export class SimulatedEcs implements SimulatedService {
  readonly tasks = new Map<TaskId, SimulatedTask>();
  readonly #world: Surroundings;
  readonly #random: Random;
  readonly #faults: () => Faults;
  readonly #definitions = new Map<string, TaskDefinitionSpec>();
  readonly #registries = new Map<string, string[]>();
  readonly limits = {
    cluster: new TokenBucket(100, 20),
    service: new TokenBucket(100, 20),
    definition: new TokenBucket(50, 20),
  };
  /** It lies: no task is there. */
  isLying = false;
  /** Families whose definition cannot be read. */
  readonly broken = new Set<string>();
  onChange: (event: EcsEvent) => void = () => {};

  constructor(world: Surroundings, random: Random, faults: () => Faults) {
    this.#world = world;
    this.#random = random;
    this.#faults = faults;
  }

  define(definition: TaskDefinitionSpec): void {
    this.#definitions.set(definition.family, definition);
  }

  /** ECS registers the tasks of a service in a Cloud Map service by itself. */
  attachRegistry(service: string, registryId: string): void {
    this.#registries.set(service, [registryId]);
  }

  // What happens to tasks

  create(
    cluster: string,
    service: string | undefined,
    definition: TaskDefinitionSpec,
    containerInstance?: string,
  ): SimulatedTask {
    const random = this.#random;
    const task: SimulatedTask = {
      id: random.hex(32) as TaskId,
      cluster,
      service,
      definition,
      address: `10.${random.int(0, 255)}.${random.int(0, 255)}.${random.int(1, 254)}`,
      containerInstance,
      versions: [],
    };
    this.tasks.set(task.id, task);
    this.change(task, 'PROVISIONING');
    return task;
  }

  change(task: SimulatedTask, lastStatus: string, desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING', hostPort?: number) {
    const before = task.versions.at(-1);
    task.versions.push({
      at: this.#world.now(),
      lastStatus,
      // Stopping is final.
      desiredStatus: before?.desiredStatus === 'STOPPED' ? 'STOPPED' : desiredStatus,
      hostPort: hostPort ?? before?.hostPort,
    });
    this.onChange({ task, version: task.versions.length, body: this.event(task, task.versions.length) });
  }

  // The truth, for judging

  /** When it was told to stop. */
  stoppingSince(task: SimulatedTask): number | undefined {
    return task.versions.find(({ desiredStatus }) => desiredStatus === 'STOPPED')?.at;
  }

  runs(task: SimulatedTask): boolean {
    const last = task.versions.at(-1);
    return last?.lastStatus === 'RUNNING' && last.desiredStatus === 'RUNNING';
  }

  // Descriptions

  event(task: SimulatedTask, version: number): string {
    const detail = this.#describe(task, version, 'eni', (time) => new Date(time).toISOString());
    return JSON.stringify({
      version: '0',
      id: `${task.id}-${version}`,
      'detail-type': 'ECS Task State Change',
      source: 'aws.ecs',
      account: ACCOUNT,
      time: new Date(this.#at(task, version).at).toISOString(),
      region: REGION,
      resources: [arnOf(task)],
      detail,
    });
  }

  #at(task: SimulatedTask, version: number): TaskVersion {
    return task.versions[version - 1] as TaskVersion;
  }

  #describe(task: SimulatedTask, version: number, attachment: string, time: (at: number) => unknown): object {
    const { lastStatus, desiredStatus, hostPort } = this.#at(task, version);
    const upTo = task.versions.slice(0, version);
    const startedAt = upTo.find((it) => it.lastStatus === 'RUNNING')?.at;
    const stoppingAt = upTo.find((it) => it.desiredStatus === 'STOPPED')?.at;
    const isAwsvpc = task.definition.networkMode === 'awsvpc';
    return {
      attachments: isAwsvpc
        ? [{ type: attachment, status: 'ATTACHED', details: [{ name: 'privateIPv4Address', value: task.address }] }]
        : [],
      clusterArn: `${ARN}:cluster/${task.cluster}`,
      containers: [
        {
          name: task.definition.container,
          lastStatus,
          networkBindings:
            hostPort === undefined
              ? []
              : [{ bindIP: '0.0.0.0', containerPort: task.definition.containerPorts[0], hostPort, protocol: 'tcp' }],
          networkInterfaces: isAwsvpc ? [{ privateIpv4Address: task.address }] : [],
        },
      ],
      desiredStatus,
      group: task.service === undefined ? `family:${task.definition.family}` : `service:${task.service}`,
      lastStatus,
      launchType: isAwsvpc ? 'FARGATE' : 'EC2',
      overrides: { containerOverrides: [] },
      ...(task.containerInstance && {
        containerInstanceArn: `${ARN}:container-instance/${task.cluster}/${task.containerInstance}`,
      }),
      ...(startedAt !== undefined && { startedAt: time(startedAt) }),
      ...(stoppingAt !== undefined && { stoppingAt: time(stoppingAt) }),
      taskArn: arnOf(task),
      taskDefinitionArn: `${ARN}:task-definition/${task.definition.family}:1`,
      version,
    };
  }

  // Requests

  handle(command: string, input: Input): unknown {
    switch (command) {
      case 'DescribeTasks':
        this.#take('cluster');
        return this.#describeTasks(input);
      case 'ListTasks':
        this.#take('cluster');
        return this.#listTasks(input);
      case 'DescribeContainerInstances':
        this.#take('cluster');
        return {
          containerInstances: (input['containerInstances'] as string[]).map((containerInstanceArn) => ({
            containerInstanceArn,
            ec2InstanceId: `i-${lastPart(containerInstanceArn)}`,
          })),
        };
      case 'DescribeTaskDefinition':
        this.#take('definition');
        return this.#describeTaskDefinition(input['taskDefinition'] as string);
      case 'DescribeServices':
        this.#take('service');
        if ((input['services'] as string[]).length > 10) throw new AwsError('InvalidParameterException');
        return {
          services: (input['services'] as string[]).map((serviceName) => ({
            serviceName,
            serviceRegistries: (this.#registries.get(serviceName) ?? []).map((id) => ({
              registryArn: `arn:aws:servicediscovery:${REGION}:${ACCOUNT}:service/${id}`,
            })),
          })),
        };
      default:
        throw new AwsError('UnknownOperation', command);
    }
  }

  #take(limit: keyof SimulatedEcs['limits']): void {
    if (!this.limits[limit].take(this.#world.now())) throw throttled();
  }

  #describeTasks({ cluster, tasks: ids }: Input): unknown {
    if ((ids as string[]).length > 100) throw new AwsError('InvalidParameterException', 'at most 100 tasks');
    const now = this.#world.now();
    const asOf = now - this.#world.lag();
    const tasks: object[] = [];
    const failures: object[] = [];
    for (const id of ids as TaskId[]) {
      const arn = `${ARN}:task/${cluster}/${id}`;
      if (this.#random.chance(this.#faults().partial)) {
        if (this.#random.chance(50)) failures.push({ arn, reason: 'INTERNAL', detail: 'try again' });
        continue;
      }
      const task = this.tasks.get(id);
      const version = task && task.cluster === cluster && !this.isLying ? versionAt(task, asOf) : 0;
      const stopped = task?.versions.find(({ lastStatus }) => lastStatus === 'STOPPED')?.at ?? now;
      if (task === undefined || version === 0 || now - stopped > STOPPED_VISIBLE) {
        failures.push({ arn, reason: 'MISSING' });
      } else tasks.push(this.#describe(task, version, 'ElasticNetworkInterface', (at) => new Date(at)));
    }
    return { tasks, failures };
  }

  #listTasks({ cluster, serviceName, nextToken }: Input): unknown {
    const asOf = this.#world.now() - this.#world.lag();
    if (this.isLying) return { taskArns: [] };
    const meant = [...this.tasks.values()].filter((task) => {
      if (task.cluster !== cluster || (serviceName !== undefined && task.service !== serviceName)) return false;
      const version = versionAt(task, asOf);
      return version > 0 && this.#at(task, version).desiredStatus === 'RUNNING';
    });
    const from = Number(nextToken ?? 0);
    return {
      taskArns: meant.slice(from, from + LIST_PAGE).map(arnOf),
      nextToken: from + LIST_PAGE < meant.length ? String(from + LIST_PAGE) : undefined,
    };
  }

  #describeTaskDefinition(arn: string): unknown {
    const family = lastPart(arn).replace(/:\d+$/, '');
    const definition = this.#definitions.get(family);
    if (!definition || this.broken.has(family)) throw new AwsError('ClientException', 'no such task definition');
    const { networkMode, container, dockerLabels, containerPorts } = definition;
    return {
      taskDefinition: {
        networkMode,
        containerDefinitions: [
          { name: container, dockerLabels, portMappings: containerPorts.map((containerPort) => ({ containerPort })) },
        ],
      },
    };
  }
}

/** EC2, as far as the host of a task is asked for: each instance has an address made from its id. */
export class SimulatedEc2 implements SimulatedService {
  handle(command: string, input: Input): unknown {
    if (command !== 'DescribeInstances') throw new AwsError('UnknownOperation', command);
    const [filter] = input['Filters'] as [{ Values: string[] }];
    return {
      Reservations: filter.Values.map((InstanceId) => ({
        Instances: [{ InstanceId, PrivateIpAddress: hostAddress(InstanceId.slice('i-'.length)) }],
      })),
    };
  }
}

export const hostAddress = (containerInstance: string): string => `172.16.0.${Number.parseInt(containerInstance, 16)}`;

/** The newest version at a time; 0 before there was any. */
function versionAt({ versions }: SimulatedTask, asOf: number): number {
  let version = versions.length;
  while (version > 0 && (versions[version - 1]?.at ?? 0) > asOf) version--;
  return version;
}

const arnOf = (task: SimulatedTask): string => `${ARN}:task/${task.cluster}/${task.id}`;

const lastPart = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);
