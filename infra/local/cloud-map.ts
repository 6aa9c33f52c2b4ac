/** Cloud Map as a team has it before it deploys the discovery: a namespace, and services whose tags say how to scrape. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateHttpNamespaceCommand,
  CreateServiceCommand,
  GetOperationCommand,
  ServiceDiscoveryClient,
} from '@aws-sdk/client-servicediscovery';
import { OWNER_TAG } from '../../functions/discovery/names.ts';
import { loopbackClientConfig } from './loopback.ts';
import type { Ministack } from './ministack/ministack.ts';

export interface RegistryOptions {
  readonly namespaceId: string;
  /** Like the ECS service whose tasks it is for. */
  readonly name: string;
  /** Name of the deployment that may register tasks in it. @default none: it belongs to somebody else */
  readonly owner?: string;
  /** What else it is tagged with, such as METRICS_PORT and METRICS_PATH. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Creates an HTTP namespace and returns its id. */
export const createNamespace = async (aws: Pick<Ministack, 'endpoint'>, name: string): Promise<string> => {
  const client = new ServiceDiscoveryClient(loopbackClientConfig(aws.endpoint));
  const { OperationId } = await client.send(new CreateHttpNamespaceCommand({ Name: name }));
  for (;;) {
    const { Operation } = await client.send(new GetOperationCommand({ OperationId }));
    if (Operation?.Status === 'FAIL') throw new Error(`Namespace ${name}: ${Operation.ErrorMessage}`);
    const id = Operation?.Targets?.NAMESPACE;
    if (Operation?.Status === 'SUCCESS' && id !== undefined) return id;
    await sleep(50);
  }
};

/** Creates a Cloud Map service and returns its id. */
export const createRegistry = async (aws: Pick<Ministack, 'endpoint'>, options: RegistryOptions): Promise<string> => {
  const { namespaceId, name, owner, tags = {} } = options;
  const client = new ServiceDiscoveryClient(loopbackClientConfig(aws.endpoint));
  const all = { ...tags, ...(owner === undefined ? {} : { [OWNER_TAG]: owner }) };
  const { Service } = await client.send(
    new CreateServiceCommand({
      Name: name,
      NamespaceId: namespaceId,
      Tags: Object.entries(all).map(([Key, Value]) => ({ Key, Value })),
    }),
  );
  return Service?.Id ?? '';
};
