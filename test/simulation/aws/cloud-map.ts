/** Cloud Map: namespaces whose names are not unique, services with tags, instances that are seen a moment late. */
import type { Faults } from '../faults.ts';
import type { Random } from '../random.ts';
import { AwsError } from './aws-error.ts';
import { CloudMapOperations } from './cloud-map-operations.ts';
import {
  type Input,
  type SimulatedService,
  type Surroundings,
  takeFrom,
  unknownOperation,
} from './simulated-service.ts';
import { TokenBucket } from './token-bucket.ts';

interface Instance {
  readonly attributes: Readonly<Record<string, string>>;
  /** From when on Get, Deregister and List know it. */
  readonly seenFrom: number;
}

export interface CloudMapServiceDefinition {
  readonly id: string;
  readonly name: string;
  readonly namespaceId: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** AWS Cloud Map quotas. */
const INSTANCES_PER_SERVICE = 1000;
const CUSTOM_ATTRIBUTES = 30;
/** Milliseconds until an operation that is done is seen everywhere. */
const PROPAGATION = 1000;

/**
 * The rates are not documented; these are what AWS's own controller allows itself (aws-cloud-map-mcs-controller-for-k8s,
 * pkg/common/ratelimiter.go).
 */
const createLimits = () => ({
  change: new TokenBucket(100, 50),
  listServices: new TokenBucket(10, 2),
  listNamespaces: new TokenBucket(5, 0.5),
  read: new TokenBucket(200, 100),
});

export class SimulatedCloudMap implements SimulatedService {
  readonly name = 'cloudMap';
  readonly operations: CloudMapOperations;
  readonly limits = createLimits();
  /** A page may hold fewer than asked for; small ones find who reads only one. */
  readonly pages = { instances: 100, others: 2 };
  readonly #world: Surroundings;
  readonly #random: Random;
  readonly #namespaces = new Map<string, string>();
  readonly #services = new Map<string, CloudMapServiceDefinition>();
  readonly #instances = new Map<string, Map<string, Instance>>();
  /** Services that refuse every change. */
  readonly broken = new Set<string>();
  /** Called when an asynchronous operation ends, one way or the other. */
  onOperation: (what: string, serviceId: string, instanceId: string) => void = () => {};

  constructor(world: Surroundings, random: Random, faults: () => Faults) {
    this.#world = world;
    this.#random = random;
    this.operations = new CloudMapOperations(world, random, faults);
  }

  // What teams do to it

  /** Two namespaces, of two VPCs, may have one name. */
  addNamespace(id: string, name: string): void {
    this.#namespaces.set(id, name);
  }

  removeNamespace(id: string): void {
    this.#namespaces.delete(id);
  }

  addService(service: CloudMapServiceDefinition): void {
    this.#services.set(service.id, service);
    if (!this.#instances.has(service.id)) this.#instances.set(service.id, new Map());
  }

  removeService(id: string): void {
    this.#services.delete(id);
    this.#instances.delete(id);
  }

  setTags(id: string, tags: Readonly<Record<string, string>>): void {
    const service = this.#services.get(id);
    if (service) this.#services.set(id, { ...service, tags });
  }

  /** Registers an instance as ECS itself does, or a person. */
  place(serviceId: string, instanceId: string, attributes: Readonly<Record<string, string>>): void {
    this.#instances.get(serviceId)?.set(instanceId, { attributes, seenFrom: 0 });
  }

  // The truth, for judging

  services(): CloudMapServiceDefinition[] {
    return [...this.#services.values()];
  }

  instancesOf(serviceId: string): ReadonlyMap<string, Instance> {
    return this.#instances.get(serviceId) ?? new Map();
  }

  // Requests

  handle(command: string, input: Input): unknown {
    switch (command) {
      case 'ListNamespaces':
        this.#take('listNamespaces');
        return this.#listNamespaces(input);
      case 'ListServices':
        this.#take('listServices');
        return this.#listServices(input);
      case 'ListTagsForResource':
        this.#take('read');
        return this.#listTags(input['ResourceARN'] as string);
      case 'ListInstances':
        this.#take('read');
        return this.#listInstances(input);
      case 'GetInstance':
        this.#take('read');
        return this.#getInstance(input);
      case 'GetOperation':
        this.#take('read');
        return this.operations.get(input['OperationId'] as string);
      case 'RegisterInstance':
        this.#take('change');
        return this.#register(input);
      case 'DeregisterInstance':
        this.#take('change');
        return this.#deregister(input);
      default:
        throw unknownOperation(command);
    }
  }

  #take(limit: keyof SimulatedCloudMap['limits']): void {
    takeFrom(this.limits[limit], 'cloudMap', this.#world.now());
  }

  #listNamespaces(input: Input): unknown {
    const all = [...this.#namespaces].map(([Id, Name]) => ({ Id, Name, Type: 'DNS_PRIVATE' }));
    const { page, next } = pageOf(all, input, this.pages.others);
    return { Namespaces: page, NextToken: next };
  }

  #listServices(input: Input): unknown {
    const [filter] = input['Filters'] as [{ Values: string[] }];
    const all = this.services().filter(({ namespaceId }) => filter.Values.includes(namespaceId));
    const { page, next } = pageOf(all, input, this.pages.others);
    return {
      Services: page.map(({ id, name }) => ({ Id: id, Arn: `arn:aws:servicediscovery:::service/${id}`, Name: name })),
      NextToken: next,
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
    const page = rest.slice(0, this.pages.instances);
    return {
      Instances: page.map(([Id, { attributes }]) => ({ Id, Attributes: attributes })),
      NextToken: rest.length > this.pages.instances ? page.at(-1)?.[0] : undefined,
    };
  }

  #getInstance(input: Input): unknown {
    const { attributes } = this.#seen(input);
    return { Instance: { Id: input['InstanceId'], Attributes: attributes } };
  }

  #of(input: Input): Map<string, Instance> {
    const instances = this.#instances.get(input['ServiceId'] as string);
    if (!instances) throw new AwsError('ServiceNotFound');
    return instances;
  }

  /** @throws AwsError InstanceNotFound, also where it is not known everywhere yet */
  #seen(input: Input): Instance {
    const known = this.#of(input).get(input['InstanceId'] as string);
    if (!known || known.seenFrom > this.#world.now()) throw new AwsError('InstanceNotFound');
    return known;
  }

  #register(input: Input): unknown {
    const instances = this.#of(input);
    const serviceId = input['ServiceId'] as string;
    const instanceId = input['InstanceId'] as string;
    const attributes = { ...(input['Attributes'] as Record<string, string>) };
    if (this.broken.has(serviceId)) throw new AwsError('InvalidInput', 'this service is broken');
    checkInstance(instanceId, attributes);
    if (!instances.has(instanceId) && instances.size >= INSTANCES_PER_SERVICE)
      throw new AwsError('ResourceLimitExceeded');
    return this.#operate('registered', input, () => {
      const seenFrom = this.#world.now() + this.#random.int(0, PROPAGATION);
      // A service that was deleted meanwhile takes nothing.
      if (this.#instances.get(serviceId) !== instances) return;
      instances.set(instanceId, { attributes, seenFrom: instances.has(instanceId) ? 0 : seenFrom });
    });
  }

  #deregister(input: Input): unknown {
    const instances = this.#of(input);
    const instanceId = input['InstanceId'] as string;
    try {
      this.#seen(input);
    } catch (error) {
      const isBusy = this.operations.isInFlight(`${input['ServiceId']}/${instanceId}`);
      throw isBusy && this.#random.chance(70) ? new AwsError('DuplicateRequest') : error;
    }
    return this.#operate('deregistered', input, () => instances.delete(instanceId));
  }

  #operate(what: string, input: Input, effect: () => void): unknown {
    const [serviceId, instanceId] = [input['ServiceId'] as string, input['InstanceId'] as string];
    return this.operations.start(`${serviceId}/${instanceId}`, (isDone) => {
      if (isDone) effect();
      this.onOperation(isDone ? what : `${what}: operation failed`, serviceId, instanceId);
    });
  }
}

/** AWS Cloud Map API reference, RegisterInstance, "AttrValue". */
const ATTRIBUTE_VALUE = /^([!-~][ \t!-~]*)?$/;

function checkInstance(instanceId: string, attributes: Readonly<Record<string, string>>): void {
  if (!/^[0-9a-zA-Z_/:.@-]{1,64}$/.test(instanceId)) throw new AwsError('InvalidInput', 'InstanceId');
  const custom = Object.keys(attributes).filter((key) => !key.startsWith('AWS_'));
  const isWrong = Object.entries(attributes).some(
    ([key, value]) => key.length > 255 || value.length > 1024 || !ATTRIBUTE_VALUE.test(value),
  );
  if (custom.length > CUSTOM_ATTRIBUTES || isWrong) throw new AwsError('InvalidInput', 'Attributes');
}

function pageOf<T>(
  all: readonly T[],
  input: Input,
  most: number,
): { readonly page: readonly T[]; readonly next: string | undefined } {
  const from = Number(input['NextToken'] ?? 0);
  const end = from + Math.min(most, Number(input['MaxResults'] ?? most));
  return { page: all.slice(from, end), next: end < all.length ? String(end) : undefined };
}
