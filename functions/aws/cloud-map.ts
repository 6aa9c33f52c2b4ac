/** What the core asks of Cloud Map. Writing is for the services that this deployment owns; the caller sees to that. */
import type { ServiceDiscoveryClient } from '@aws-sdk/client-servicediscovery';
import type { RegisteredInstance, Registration } from '../discovery/target/registration.ts';
import type { LazySender } from './clients.ts';
import { isNamed } from './errors.ts';
import { allPages } from './paging.ts';

/** Changes that are asked for at once: AWS's own Cloud Map controller allows itself 50 registrations a second. */
export const CHANGES_AT_ONCE = 10;

/** Largest page of a list (AWS Cloud Map API reference). */
const PAGE = 100;

export interface CloudMapService {
  readonly id: string;
  readonly arn: string;
  readonly name: string;
}

/** Names are not unique: two private namespaces, in two VPCs, may have one name. */
interface CloudMapNamespace {
  readonly id: string;
  readonly name: string;
}

export interface CloudMap {
  /** The namespaces of the account and Region. */
  listNamespaces(): Promise<CloudMapNamespace[]>;
  listServices(namespaceId: string): Promise<CloudMapService[]>;
  listTags(serviceArn: string): Promise<Record<string, string>>;
  listInstances(serviceId: string): Promise<RegisteredInstance[]>;
  /** Undefined when there is no such instance, or none yet: a registration takes a moment to be seen. */
  getInstance(serviceId: string, instanceId: string): Promise<RegisteredInstance | undefined>;
  /** Begins to register or update; the same instance id again replaces its attributes. */
  register(registration: Registration): Promise<void>;
  /** Begins to deregister; false when there was no such instance, or none yet. */
  deregister(serviceId: string, instanceId: string): Promise<boolean>;
}

export function createCloudMap(connect: LazySender<ServiceDiscoveryClient>): CloudMap {
  const commands = () => import('@aws-sdk/client-servicediscovery');
  return {
    async listNamespaces() {
      const [client, { ListNamespacesCommand }] = await Promise.all([connect(), commands()]);
      const namespaces = await allPages(async (NextToken) => {
        const page = await client.send(new ListNamespacesCommand({ NextToken, MaxResults: PAGE }));
        return { items: page.Namespaces ?? [], next: page.NextToken };
      });
      return namespaces.map(({ Id = '', Name = '' }) => ({ id: Id, name: Name }));
    },

    async listServices(namespaceId) {
      const [client, { ListServicesCommand }] = await Promise.all([connect(), commands()]);
      const Filters = [{ Name: 'NAMESPACE_ID' as const, Values: [namespaceId], Condition: 'EQ' as const }];
      const services = await allPages(async (NextToken) => {
        const page = await client.send(new ListServicesCommand({ Filters, NextToken, MaxResults: PAGE }));
        return { items: page.Services ?? [], next: page.NextToken };
      });
      return services.map(({ Id = '', Arn = '', Name = '' }) => ({ id: Id, arn: Arn, name: Name }));
    },

    async listTags(serviceArn) {
      const [client, { ListTagsForResourceCommand }] = await Promise.all([connect(), commands()]);
      const { Tags = [] } = await client.send(new ListTagsForResourceCommand({ ResourceARN: serviceArn }));
      return Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value]));
    },

    async listInstances(serviceId) {
      const [client, { ListInstancesCommand }] = await Promise.all([connect(), commands()]);
      const instances = await allPages(async (NextToken) => {
        const page = await client.send(new ListInstancesCommand({ ServiceId: serviceId, NextToken, MaxResults: PAGE }));
        return { items: page.Instances ?? [], next: page.NextToken };
      });
      return instances.map(({ Id = '', Attributes = {} }) => ({ instanceId: Id, attributes: Attributes }));
    },

    async getInstance(serviceId, instanceId) {
      const [client, { GetInstanceCommand }] = await Promise.all([connect(), commands()]);
      try {
        const { Instance } = await client.send(
          new GetInstanceCommand({ ServiceId: serviceId, InstanceId: instanceId }),
        );
        return Instance && { instanceId, attributes: Instance.Attributes ?? {} };
      } catch (error) {
        if (isNamed(error, 'InstanceNotFound')) return undefined;
        throw error;
      }
    },

    async register({ serviceId, instanceId, attributes }) {
      const [client, { RegisterInstanceCommand }] = await Promise.all([connect(), commands()]);
      await client.send(
        new RegisterInstanceCommand({ ServiceId: serviceId, InstanceId: instanceId, Attributes: { ...attributes } }),
      );
    },

    async deregister(serviceId, instanceId) {
      const [client, { DeregisterInstanceCommand }] = await Promise.all([connect(), commands()]);
      try {
        await client.send(new DeregisterInstanceCommand({ ServiceId: serviceId, InstanceId: instanceId }));
        return true;
      } catch (error) {
        if (isNamed(error, 'InstanceNotFound')) return false;
        throw error;
      }
    },
  };
}
