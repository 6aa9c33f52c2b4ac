/** Which tasks are to be seen at each stage of the way from ECS to Prometheus, read the way an outsider would. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { paginateListInstances, ServiceDiscoveryClient } from '@aws-sdk/client-servicediscovery';
import { SSMClient } from '@aws-sdk/client-ssm';
import { createParameterReader } from '../../../functions/aws/parameters.ts';
import { createShardReader, type ShardReader } from '../../../functions/aws/shard-reader.ts';
import { systemClock } from '../../../functions/aws/system-clock.ts';
import { LABELS } from '../../../functions/discovery/target/labels.ts';
import { loopbackClientConfig, loopbackEndpoint } from '../loopback.ts';
import { instantQuery } from '../prometheus/query.ts';

/** The stages, in the order in which a task reaches them. */
export const STAGES = ['ssm', 'cloudMap', 'file', 'target', 'sample'] as const;

export type Stage = (typeof STAGES)[number];

/** The ids of the tasks that are there now, each with what is wrong with it there. */
export type Presence = () => Promise<ReadonlyMap<string, string | undefined>>;

/** Where the stages are looked at. */
export interface Vantage {
  /** Endpoint of the emulated AWS. */
  readonly aws: string;
  readonly deployment: string;
  readonly cluster: string;
  /** Shards of the cluster. */
  readonly shards: number;
  /** Id of the Cloud Map service that the tasks are registered in. */
  readonly registryId: string;
  /** Folder of the file_sd files. */
  readonly targetsDirectory: string;
  /** Endpoint of the scraper's Prometheus API. */
  readonly scraper: string;
  /** Endpoint of the Prometheus that stores the samples. */
  readonly prometheus: string;
}

export interface PublishedTarget {
  readonly address: string;
  readonly labels: Readonly<Record<string, string>>;
}

interface Seen {
  readonly labels: Readonly<Record<string, string>>;
  readonly problem?: string | undefined;
}

/** Something may be wrong with one of several targets of a task. */
const byTask = (all: readonly Seen[]): ReadonlyMap<string, string | undefined> => {
  const problems = new Map<string, string | undefined>();
  for (const { labels, problem } of all) {
    const id = labels[LABELS.taskId];
    if (id !== undefined) problems.set(id, problems.get(id) ?? problem);
  }
  return problems;
};

const withoutProblem = (ids: Iterable<string>): ReadonlyMap<string, undefined> =>
  new Map([...ids].map((id) => [id, undefined]));

/** The shards of a deployment in the emulated SSM. */
const shardReader = (vantage: Pick<Vantage, 'aws' | 'deployment'>): ShardReader => {
  const client = new SSMClient(loopbackClientConfig(vantage.aws));
  return createShardReader(createParameterReader(client), vantage.deployment, systemClock);
};

/** What the target files say. A file that is not there (yet) says nothing. */
const targetsInFiles = async (directory: string): Promise<PublishedTarget[]> => {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.json')).sort();
  const texts = await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8').catch(() => '[]')));
  return texts.flatMap((text) => {
    const groups = JSON.parse(text) as { targets: string[]; labels: Record<string, string> }[];
    return groups.flatMap(({ targets, labels }) => targets.map((address) => ({ address, labels })));
  });
};

/** Prometheus' HTTP API, "Targets". */
interface ActiveTarget {
  readonly labels: Record<string, string>;
  readonly health: 'up' | 'down' | 'unknown';
  readonly lastError: string;
}

interface TargetsAnswer {
  readonly data: { readonly activeTargets: readonly ActiveTarget[] };
}

const activeTargets = async (scraper: string): Promise<readonly ActiveTarget[]> => {
  const url = `${loopbackEndpoint(scraper)}/api/v1/targets?state=active`;
  const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  return ((await response.json()) as TargetsAnswer).data.activeTargets;
};

/** A way to look at each stage. */
export const presences = (vantage: Vantage): Readonly<Record<Stage, Presence>> => {
  const cloudMap = new ServiceDiscoveryClient(loopbackClientConfig(vantage.aws));
  const shards = shardReader(vantage);
  const numbers = Array.from({ length: vantage.shards }, (_, shard) => shard);
  return {
    ssm: async () => {
      const reads = await shards.read(vantage.cluster, numbers);
      const unreadable = [...reads.values()].find(({ kind }) => kind !== 'shard');
      if (unreadable !== undefined) throw new Error(`a shard is ${unreadable.kind}`);
      return withoutProblem(
        [...reads.values()].flatMap((read) => (read.kind === 'shard' ? [...read.shard.tasks.keys()] : [])),
      );
    },
    cloudMap: async () => {
      const ids = new Set<string>();
      const pages = paginateListInstances({ client: cloudMap, pageSize: 100 }, { ServiceId: vantage.registryId });
      for await (const { Instances = [] } of pages) for (const { Id = '' } of Instances) ids.add(Id);
      return withoutProblem(ids);
    },
    file: async () => byTask(await targetsInFiles(vantage.targetsDirectory)),
    target: async () =>
      byTask(
        (await activeTargets(vantage.scraper)).map(({ labels, health, lastError }) => ({
          labels,
          problem: health === 'down' ? lastError : undefined,
        })),
      ),
    sample: async () => byTask(await instantQuery(vantage.prometheus, 'up == 1')),
  };
};
