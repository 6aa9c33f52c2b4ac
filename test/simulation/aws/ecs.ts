/** ECS: the model of infra/local in virtual time, with AWS's request limits, and with answers that lag and contradict. */
import { placeOfArn } from '../../../functions/discovery/task/task.ts';
import { ecsApi } from '../../../infra/local/ecs/api.ts';
import { clusterArn } from '../../../infra/local/ecs/arn.ts';
import { ControlPlane, type ControlPlaneOptions } from '../../../infra/local/ecs/control-plane.ts';
import { EcsError } from '../../../infra/local/ecs/errors.ts';
import type { NetworkBinding, Service, Task, Workload } from '../../../infra/local/ecs/model.ts';
import { taskEventDetail } from '../../../infra/local/ecs/task-event.ts';
import type { View } from '../../../infra/local/ecs/view.ts';
import { LOCAL_ACCOUNT, LOCAL_REGION } from '../../../infra/local/loopback.ts';
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import { AwsError } from './aws-error.ts';
import { HostPorts } from './host-ports.ts';
import {
  type Input,
  type ServiceName,
  type SimulatedService,
  type Surroundings,
  takeFrom,
  unknownOperation,
} from './simulated-service.ts';
import { TokenBucket } from './token-bucket.ts';

/** Where the deployment is. */
const HERE = `arn:aws:ecs:${LOCAL_REGION}:${LOCAL_ACCOUNT}`;
/** Between two states of a task, in milliseconds. */
const STEP = { least: 500, most: 6000 };
/** For up to so long after it came to run, a task may be MISSING: AWS advises to try again for five minutes. */
const LONGEST_MISSING = 4 * 60 * 1000;
/** By so much a list may be behind the descriptions. */
const LONGEST_CONTRADICTION = 60_000;
/** Container instances of a cluster. */
const HOSTS = ['a1', 'b2', 'c3'];

type Limit = 'cluster' | 'service' | 'definition';

const LIMITED_BY: Readonly<Record<string, Limit>> = {
  ListTasks: 'cluster',
  DescribeTasks: 'cluster',
  DescribeContainerInstances: 'cluster',
  DescribeServices: 'service',
  DescribeTaskDefinition: 'definition',
};

type Limits = Readonly<Record<Limit, TokenBucket>>;

/** Requests of an account and Region (Amazon ECS API reference, "Request throttling"). */
const limitsOfAccount = (): Limits => ({
  cluster: new TokenBucket(100, 20),
  service: new TokenBucket(100, 20),
  definition: new TokenBucket(50, 20),
});

/** The clusters of all accounts; as a service it is that of the deployment's account and Region. */
export class SimulatedEcs implements SimulatedService {
  readonly name = 'ecs';
  readonly limits = limitsOfAccount();
  /** Every task that there ever was. */
  readonly tasks = new Map<string, Task>();
  /** For a while it says that there is no task. */
  isLying = false;
  /** Accounts and Regions, by the beginning of their ARNs, that say so alone. */
  readonly lying = new Set<string>();
  /** Families whose definition cannot be read. */
  readonly broken = new Set<string>();
  /** Hears of each change of a task, after it was made. */
  onChange: (task: Task) => void = () => {};
  readonly #world: Surroundings;
  readonly #random: Random;
  readonly #faults: () => Faults;
  readonly #planes = new Map<string, ControlPlane>();
  readonly #ports: HostPorts;
  readonly #missingUntil = new Map<string, number>();
  #addresses = 0;

  /** @param touch lets code that awaits something of ECS run before the next thing happens */
  constructor(
    world: Surroundings & { readonly touch: () => void },
    random: Random,
    faults: () => Faults,
    clusters: readonly string[],
  ) {
    this.#world = world;
    this.#random = random;
    this.#faults = faults;
    this.#ports = new HostPorts(random);
    const options: Omit<ControlPlaneOptions, 'cluster'> = {
      now: world.now,
      pause: (milliseconds) =>
        new Promise((resolve) => {
          world.after(milliseconds, () => {
            world.touch();
            resolve();
          });
        }),
      step: () => random.int(STEP.least, STEP.most),
      launch: (task) => this.#launch(task),
      changed: (task) => this.#changed(task),
      nextAddress: () => {
        const host = ++this.#addresses;
        return `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`;
      },
      nextId: () => random.hex(32),
    };
    for (const cluster of clusters) {
      const plane = new ControlPlane({ ...options, cluster });
      for (const host of HOSTS) plane.containerInstances.set(`${cluster}${host}`, `i-${cluster}${host}`);
      this.#planes.set(cluster, plane);
    }
  }

  plane(cluster: string): ControlPlane {
    const plane = this.#planes.get(cluster);
    if (!plane) throw new Error(`there is no cluster ${cluster}`);
    return plane;
  }

  /** Adds a service whose tasks a history starts and stops. */
  addService(service: Pick<Service, 'name' | 'taskDefinition' | 'serviceRegistries'>, cluster: string): void {
    this.plane(cluster).createService({ ...service, desiredCount: 0, deploymentController: 'EXTERNAL' });
  }

  /** Another port of the same host for the container of a task in bridge mode. */
  otherBindings(task: Task): readonly NetworkBinding[] | undefined {
    for (const { hostPort } of task.bindings ?? []) this.#ports.release(hostOf(task), hostPort);
    return task.bindings && this.#bindings(task);
  }

  /** The event of a task's latest change. */
  event(task: Task): string {
    return JSON.stringify({
      version: '0',
      id: `${task.id}-${task.version}`,
      'detail-type': 'ECS Task State Change',
      source: 'aws.ecs',
      account: task.arn.split(':')[4],
      time: new Date(task.updatedAt).toISOString(),
      region: task.arn.split(':')[3],
      resources: [task.arn],
      detail: taskEventDetail(task),
    });
  }

  handle(command: string, input: Input): unknown {
    return this.#serve(HERE, this.name, this.limits, command, input);
  }

  /** The service of another account and Region, with the clusters that are there. */
  at(place: string): SimulatedService {
    const limits = limitsOfAccount();
    const name = 'ecsElsewhere';
    return { name, handle: (command, input) => this.#serve(place, name, limits, command, input) };
  }

  #serve(place: string, name: ServiceName, limits: Limits, command: string, input: Input): unknown {
    const limit = LIMITED_BY[command];
    if (!limit) throw unknownOperation(command);
    takeFrom(limits[limit], name, this.#world.now());
    if (command === 'DescribeTaskDefinition') this.#checkDefinition(input['taskDefinition'] as string);
    try {
      return withDates(ecsApi(this.#planeOf(place, input), this.#view(place, command))(command, input));
    } catch (error) {
      throw error instanceof EcsError ? new AwsError(error.name, error.message) : error;
    }
  }

  #planeOf(place: string, input: Input): ControlPlane {
    const planes = [...this.#planes.values()].filter((plane) => placeOfArn(clusterArn(plane.cluster)) === place);
    const cluster = input['cluster'] as string | undefined;
    const named = planes.find((plane) => cluster === plane.cluster || cluster === clusterArn(plane.cluster));
    const plane = cluster === undefined ? planes[0] : named;
    if (!plane) throw new AwsError('ClusterNotFoundException', 'Cluster not found.');
    return plane;
  }

  #checkDefinition(reference: string): void {
    const family = reference.slice(reference.lastIndexOf('/') + 1).replace(/:\d+$/, '');
    if (this.broken.has(family)) throw new AwsError('ClientException', 'Unable to describe task definition.');
  }

  #view(place: string, command: string): View {
    const random = this.#random;
    const isLying = this.isLying || this.lying.has(place);
    const now = this.#world.now();
    const { partial, contradictory } = this.#faults();
    const isBehind = command === 'ListTasks' && random.chance(contradictory);
    const lag = isBehind ? random.int(0, LONGEST_CONTRADICTION) : this.#world.lag();
    return {
      asOf: () => now - lag,
      lists: () => !isLying && !random.chance(contradictory / 4),
      describes: (taskId) => {
        if (random.chance(partial)) return random.chance(50) ? 'failure' : 'nothing';
        return isLying || (this.#missingUntil.get(taskId) ?? 0) > now ? 'missing' : 'task';
      },
    };
  }

  #changed(task: Task): void {
    this.tasks.set(task.id, task);
    if (task.startedAt === task.updatedAt && this.#random.chance(this.#faults().missing)) {
      this.#missingUntil.set(task.id, task.updatedAt + this.#random.int(0, LONGEST_MISSING));
    }
    this.onChange(task);
  }

  async #launch(task: Task): Promise<Workload> {
    const bindings = task.taskDefinition.networkMode === 'bridge' ? this.#bindings(task) : undefined;
    return {
      pid: 0,
      // Of its own: one promise that never ends would keep whoever waits for it, of every history.
      ended: new Promise(() => {}),
      ...(bindings && { bindings }),
      stop: async () => {
        for (const { hostPort } of task.bindings ?? bindings ?? []) this.#ports.release(hostOf(task), hostPort);
      },
    };
  }

  #bindings(task: Task): NetworkBinding[] {
    return (task.taskDefinition.containers[0]?.portMappings ?? []).map(({ containerPort, protocol }) => ({
      bindIP: '0.0.0.0',
      containerPort,
      protocol,
      hostPort: this.#ports.take(hostOf(task)),
    }));
  }
}

const hostOf = (task: Task): string => `${task.cluster}/${task.containerInstance}`;

/** The SDK gives times as dates; the model gives them as the protocol does, in seconds. */
const TIMES = ['createdAt', 'startedAt', 'stoppingAt', 'stoppedAt'];

function withDates(answer: unknown): unknown {
  const described = answer as { readonly [list in 'tasks' | 'services']?: readonly Record<string, unknown>[] };
  const lists = (['tasks', 'services'] as const).filter((list) => described[list] !== undefined);
  return { ...described, ...Object.fromEntries(lists.map((list) => [list, described[list]?.map(dated)])) };
}

const dated = (described: Readonly<Record<string, unknown>>) => ({
  ...described,
  ...Object.fromEntries(
    TIMES.filter((name) => typeof described[name] === 'number').map((name) => [
      name,
      new Date(Number(described[name]) * 1000),
    ]),
  ),
});
