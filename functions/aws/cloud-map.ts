/** What the core asks of Cloud Map. Writing is for registries this deployment owns; the caller sees to that. */
import {
  DeregisterInstanceCommand,
  ListInstancesCommand,
  ListNamespacesCommand,
  ListServicesCommand,
  ListTagsForResourceCommand,
  RegisterInstanceCommand,
  type ServiceDiscoveryClient,
} from '@aws-sdk/client-servicediscovery';
import { backoff, type Clock } from '../discovery/clock.ts';
import type { RegisteredInstance, Registration } from '../discovery/target/registration.ts';
import type { Sender } from './clients.ts';
import { isNamed, isThrottle } from './errors.ts';
import { allPages } from './paging.ts';

export interface CloudMapService {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
}

export interface CloudMap {
  /** Ids of the namespaces of the account and Region, by name. */
  listNamespaces(): Promise<Map<string, string>>;
  listServices(namespaceId: string): Promise<CloudMapService[]>;
  listTags(serviceArn: string): Promise<Record<string, string>>;
  listInstances(serviceId: string): Promise<RegisteredInstance[]>;
  /** Registers or updates; the same instance id again replaces its attributes. */
  register(registration: Registration): Promise<void>;
  /** False when there was no such instance, or none yet: a registration takes a moment to be seen. */
  deregister(serviceId: string, instanceId: string): Promise<boolean>;
}

/** How long to wait for an earlier operation on the same instance, which Cloud Map does not queue. */
const IN_FLIGHT = { first: 200, longest: 2000 };
const ATTEMPTS = 6;

export function createCloudMap(client: Sender<ServiceDiscoveryClient>, clock: Clock): CloudMap {
  async function afterOthers<T>(request: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await request();
      } catch (error) {
        const transient = isNamed(error, 'DuplicateRequest', 'ResourceInUse') || isThrottle(error);
        if (!transient || attempt === ATTEMPTS) throw error;
        await clock.sleep(backoff(clock, attempt, IN_FLIGHT));
      }
    }
  }

  return {
    async listNamespaces() {
      const namespaces = await allPages(async (NextToken) => {
        const page = await client.send(new ListNamespacesCommand({ NextToken, MaxResults: 100 }));
        return { items: page.Namespaces ?? [], next: page.NextToken };
      });
      return new Map(namespaces.map(({ Name = '', Id = '' }) => [Name, Id]));
    },

    async listServices(namespaceId) {
      const Filters = [{ Name: 'NAMESPACE_ID' as const, Values: [namespaceId], Condition: 'EQ' as const }];
      const services = await allPages(async (NextToken) => {
        const page = await client.send(new ListServicesCommand({ Filters, NextToken, MaxResults: 100 }));
        return { items: page.Services ?? [], next: page.NextToken };
      });
      return services.map(({ Id = '', Arn = '', Name = '' }) => ({ id: Id, arn: Arn, name: Name }));
    },

    async listTags(serviceArn) {
      const { Tags = [] } = await client.send(new ListTagsForResourceCommand({ ResourceARN: serviceArn }));
      return Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
    },

    async listInstances(serviceId) {
      const instances = await allPages(async (NextToken) => {
        const page = await client.send(new ListInstancesCommand({ ServiceId: serviceId, NextToken, MaxResults: 100 }));
        return { items: page.Instances ?? [], next: page.NextToken };
      });
      return instances.map(({ Id = '', Attributes = {} }) => ({ instanceId: Id, attributes: Attributes }));
    },

    async register({ registryId, instanceId, attributes }) {
      await afterOthers(() =>
        client.send(
          new RegisterInstanceCommand({ ServiceId: registryId, InstanceId: instanceId, Attributes: { ...attributes } }),
        ),
      );
    },

    async deregister(serviceId, instanceId) {
      try {
        await afterOthers(() =>
          client.send(new DeregisterInstanceCommand({ ServiceId: serviceId, InstanceId: instanceId })),
        );
        return true;
      } catch (error) {
        if (isNamed(error, 'InstanceNotFound')) return false;
        throw error;
      }
    },
  };
}
