/**
 * The reference system's sidecar by its calls (prometheus-for-ecs, `cmd/main.go`, `pkg/aws/cloudmap.go`): not its program,
 * so that its CPU and memory are not compared. It reads one page of each list, goes on with nothing after an error, and
 * writes its file in place.
 */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ListInstancesCommand,
  ListNamespacesCommand,
  ListServicesCommand,
  ListTagsForResourceCommand,
  type NamespaceFilter,
  ServiceDiscoveryClient,
  type ServiceFilter,
} from '@aws-sdk/client-servicediscovery';
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { loopbackClientConfig } from '../../../infra/local/loopback.ts';
import type { Account } from '../account/account.ts';
import { watchTargets } from '../target-list.ts';
import { folderOf, type Side } from './side.ts';

/** Seconds; CONFIG_RELOAD_FREQUENCY. */
const REFRESH = 30;
/** The default of AWS's SDK for Go, which it is written with: three retries. */
const ATTEMPTS = 4;
const PARAMETER = 'ECS-ServiceDiscovery-Namespaces';
const LIST = 'ecs-services.json';

interface Group {
  readonly targets: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
}

const orNothing = <T>(answer: Promise<T>): Promise<T | undefined> => answer.catch(() => undefined);

/** What one refresh writes. */
export const discover = async (endpoint: string): Promise<Group[]> => {
  const config = { ...loopbackClientConfig(endpoint), maxAttempts: ATTEMPTS };
  const ssm = new SSMClient(config);
  const cloudMap = new ServiceDiscoveryClient(config);
  const parameter = await orNothing(ssm.send(new GetParameterCommand({ Name: PARAMETER })));
  const wanted = (parameter?.Parameter?.Value ?? '').split(',');
  const filter: NamespaceFilter = { Name: 'TYPE', Values: ['DNS_PRIVATE'], Condition: 'EQ' };
  const listed = await orNothing(cloudMap.send(new ListNamespacesCommand({ Filters: [filter] })));
  const groups: Group[] = [];
  for (const { Name = '', Id = '' } of listed?.Namespaces ?? []) {
    if (!wanted.includes(Name)) continue;
    const inNamespace: ServiceFilter = { Name: 'NAMESPACE_ID', Values: [Id], Condition: 'EQ' };
    const services = await orNothing(cloudMap.send(new ListServicesCommand({ Filters: [inNamespace] })));
    for (const service of services?.Services ?? []) {
      const answer = await orNothing(cloudMap.send(new ListTagsForResourceCommand({ ResourceARN: service.Arn })));
      const tags = new Map(answer?.Tags?.map(({ Key, Value }) => [Key, Value]));
      const instances = await orNothing(cloudMap.send(new ListInstancesCommand({ ServiceId: service.Id })));
      for (const { Attributes: attributes = {} } of instances?.Instances ?? []) {
        const path = tags.get('METRICS_PATH');
        const address = attributes['AWS_INSTANCE_IPV4'];
        if (path === undefined || address === undefined) continue;
        const port = tags.get('METRICS_PORT') ?? attributes['AWS_INSTANCE_PORT'] ?? '80';
        const labels = { cluster: attributes['ECS_CLUSTER_NAME'] ?? '', instance: address, __metrics_path__: path };
        groups.push({ targets: [`${address}:${port}`], labels });
      }
    }
  }
  ssm.destroy();
  cloudMap.destroy();
  return groups;
};

export const startReference = async (account: Account): Promise<Side> => {
  const folder = await folderOf('reference', 'targets');
  const file = join(folder, LIST);
  await writeFile(file, '[]');
  const list = await watchTargets(folder, (name) => name === LIST);
  let refreshing: Promise<void> | undefined;
  const refresh = (): void => {
    // A tick that comes while the last refresh still goes on is dropped.
    refreshing ??= discover(account.endpoint)
      .then((groups) => writeFile(file, JSON.stringify(groups, undefined, 3)))
      .finally(() => {
        refreshing = undefined;
      });
  };
  let timer = setInterval(refresh, REFRESH * 1000);
  return {
    ...{ id: 'reference', account, list },
    processes: {},
    hurry: async (seconds) => {
      clearInterval(timer);
      timer = setInterval(refresh, seconds * 1000);
    },
    ended: () => undefined,
    stop: async () => {
      clearInterval(timer);
      await refreshing;
      list.stop();
    },
  };
};
