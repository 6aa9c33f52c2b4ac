/** Cloud Map: asynchronous operations that may fail, one at a time for an instance, seen a moment after they are done. */
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import { AwsError, throttled } from './aws-error.ts';
import type { Input, SimulatedService, Surroundings } from './simulated-service.ts';
import { TokenBucket } from './token-bucket.ts';

interface Instance {
  readonly attributes: Readonly<Record<string, string>>;
  /** From when on Deregister and List know it. */
  readonly seenFrom: number;
}

export interface CloudMapServiceDefinition {
  readonly id: string;
  readonly name: string;
  readonly namespaceId: string;
  readonly tags: Readonly<Record<string, string>>;
}

const INSTANCES_PER_SERVICE = 1000;
const PAGE = 100;

/** Milliseconds that an operation takes, and then until it is seen everywhere. */
const OPERATION = { least: 20, most: 800, slowest: 15_000 };
const PROPAGATION = 1000;

export class SimulatedCloudMap implements SimulatedService {
  readonly #world: Surroundings;
  readonly #random: Random;
  readonly #faults: () => Faults;
  readonly #namespaces = new Map<string, string>();
  readonly #services = new Map<string, CloudMapServiceDefinition>();
  readonly #instances = new Map<string, Map<string, Instance>>();
  readonly #inFlight = new Set<string>();
  readonly limits = {
    change: new TokenBucket(100, 50),
    listServices: new TokenBucket(10, 2),
    listNamespaces: new TokenBucket(5, 0.5),
    read: new TokenBucket(100, 50),
  };
  /** Services that refuse every change. */
  readonly broken = new Set<string>();
  /** Told when an asynchronous operation ends, one way or the other. */
  onOperation: (what: string, serviceId: string, instanceId: string) => void = () => {};
  /** Asynchronous operations that failed. */
  failed = 0;

  constructor(world: Surroundings, random: Random, faults: () => Faults) {
    this.#world = world;
    this.#random = random;
    this.#faults = faults;
  }

  addNamespace(id: string, name: string): void {
    this.#namespaces.set(id, name);
  }

  addService(service: CloudMapServiceDefinition): void {
    this.#services.set(service.id, service);
    this.#instances.set(service.id, new Map());
  }

  /** As ECS itself does, in a registry that it manages. */
  place(serviceId: string, instanceId: string, attributes: Readonly<Record<string, string>>): void {
    this.#instances.get(serviceId)?.set(instanceId, { attributes, seenFrom: 0 });
  }

  instancesOf(serviceId: string): ReadonlyMap<string, Instance> {
    return this.#instances.get(serviceId) ?? new Map();
  }

  handle(command: string, input: Input): unknown {
    switch (command) {
      case 'ListNamespaces':
        this.#take('listNamespaces');
        return { Namespaces: [...this.#namespaces].map(([Id, Name]) => ({ Id, Name })) };
      case 'ListServices':
        this.#take('listServices');
        return this.#listServices(input);
      case 'ListTagsForResource':
        this.#take('read');
        return this.#listTags(input['ResourceARN'] as string);
      case 'ListInstances':
        this.#take('read');
        return this.#listInstances(input);
      case 'RegisterInstance':
        this.#take('change');
        return this.#register(input);
      case 'DeregisterInstance':
        this.#take('change');
        return this.#deregister(input);
      default:
        throw new AwsError('UnknownOperation', command);
    }
  }

  services(): CloudMapServiceDefinition[] {
    return [...this.#services.values()];
  }

  #take(limit: keyof SimulatedCloudMap['limits']): void {
    if (!this.limits[limit].take(this.#world.now())) throw throttled();
  }

  #listServices(input: Input): unknown {
    const [filter] = input['Filters'] as [{ Values: string[] }];
    const all = [...this.#services.values()].filter(({ namespaceId }) => filter.Values.includes(namespaceId));
    const from = Number(input['NextToken'] ?? 0);
    const page = all.slice(from, from + 2);
    return {
      Services: page.map(({ id, name }) => ({ Id: id, Arn: `arn:aws:servicediscovery:::service/${id}`, Name: name })),
      NextToken: from + 2 < all.length ? String(from + 2) : undefined,
    };
  }

  #listTags(arn: string): unknown {
    const service = this.#services.get(arn.slice(arn.lastIndexOf('/') + 1));
    if (!service) throw new AwsError('ResourceNotFoundException');
    return { Tags: Object.entries(service.tags).map(([Key, Value]) => ({ Key, Value })) };
  }

  #listInstances(input: Input): unknown {
    const now = this.#world.now();
    const all = [...this.#of(input)].filter(([, { seenFrom }]) => seenFrom <= now).sort(([a], [b]) => (a < b ? -1 : 1));
    const after = input['NextToken'] as string | undefined;
    const rest = after === undefined ? all : all.filter(([id]) => id > after);
    const page = rest.slice(0, PAGE);
    return {
      Instances: page.map(([Id, { attributes }]) => ({ Id, Attributes: attributes })),
      NextToken: rest.length > PAGE ? page.at(-1)?.[0] : undefined,
    };
  }

  #of(input: Input): Map<string, Instance> {
    const instances = this.#instances.get(input['ServiceId'] as string);
    if (!instances) throw new AwsError('ServiceNotFound');
    return instances;
  }

  #register(input: Input): unknown {
    const instances = this.#of(input);
    const instanceId = input['InstanceId'] as string;
    if (this.broken.has(input['ServiceId'] as string)) throw new AwsError('InvalidInput', 'this service is broken');
    if (!/^[0-9a-zA-Z_/:.@-]{1,64}$/.test(instanceId)) throw new AwsError('InvalidInput', 'InstanceId');
    if (!instances.has(instanceId) && instances.size >= INSTANCES_PER_SERVICE)
      throw new AwsError('ResourceLimitExceeded');
    return this.#operate('registered', input, () => {
      const seenFrom = this.#world.now() + this.#random.int(0, PROPAGATION);
      instances.set(instanceId, {
        attributes: input['Attributes'] as Record<string, string>,
        seenFrom: instances.has(instanceId) ? 0 : seenFrom,
      });
    });
  }

  #deregister(input: Input): unknown {
    const instances = this.#of(input);
    const instanceId = input['InstanceId'] as string;
    const known = instances.get(instanceId);
    if (!known || known.seenFrom > this.#world.now()) {
      if (this.#inFlight.has(`${input['ServiceId']}/${instanceId}`) && this.#random.chance(70)) {
        throw new AwsError('DuplicateRequest');
      }
      throw new AwsError('InstanceNotFound');
    }
    return this.#operate('deregistered', input, () => instances.delete(instanceId));
  }

  #operate(what: string, input: Input, effect: () => void): unknown {
    const [serviceId, instanceId] = [input['ServiceId'] as string, input['InstanceId'] as string];
    const key = `${serviceId}/${instanceId}`;
    if (this.#inFlight.has(key)) throw new AwsError('DuplicateRequest');
    this.#inFlight.add(key);
    const most = this.#random.chance(this.#faults().slow) ? OPERATION.slowest : OPERATION.most;
    this.#world.after(this.#random.int(OPERATION.least, most), () => {
      this.#inFlight.delete(key);
      if (this.#random.chance(this.#faults().failedOperation)) {
        this.failed++;
        this.onOperation(`${what}: operation failed`, serviceId, instanceId);
        return;
      }
      effect();
      this.onOperation(what, serviceId, instanceId);
    });
    return { OperationId: key };
  }
}
