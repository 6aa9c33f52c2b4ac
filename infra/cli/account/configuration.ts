/** The target configuration of a cluster as SSM holds it, for a person. */
import type { SSMClient } from '@aws-sdk/client-ssm';
import type { Sender } from '../../../functions/aws/clients.ts';
import { createParameterReader } from '../../../functions/aws/parameters.ts';
import { createShardReader, type ShardRead } from '../../../functions/aws/shard-reader.ts';
import type { Clock } from '../../../functions/discovery/clock.ts';
import { decodeShard, PARAMETER_BYTES, UnreadableShard } from '../../../functions/discovery/shard/shard-codec.ts';
import type { TimedTargets } from '../../../functions/discovery/target/target-groups.ts';
import type { TaskId } from '../../../functions/discovery/task/task.ts';
import type { DiscoverySettings } from '../../../functions/lambda/settings.ts';

export interface StoredShard {
  readonly cluster: string;
  readonly shard: number;
  /** Name of its parameter. */
  readonly parameter: string;
  readonly read: ShardRead;
  /** Bytes of the parameter that the version in use takes, in percent. */
  readonly fullness: number;
  /**
   * The newest version does not count because two writers wrote at once. That is as it should be: the one that was later has
   * read again, and had nothing to add.
   */
  readonly isRace: boolean;
}

/** From this share on, in percent, a shard may not take the next task; its alarm goes on there, too. */
export const NEARLY_FULL = 85;

/** All shards of a cluster, in their order. */
export async function readConfiguration(
  ssm: Sender<SSMClient>,
  settings: Pick<DiscoverySettings, 'deployment' | 'shards' | 'shardTier'>,
  cluster: string,
  clock: Clock,
): Promise<StoredShard[]> {
  const parameters = createParameterReader(ssm);
  const texts = new Map<string, string>();
  const measuring: typeof parameters = {
    ...parameters,
    async get(names) {
      const found = await parameters.get(names);
      for (const [name, { value }] of found) texts.set(name, value);
      return found;
    },
    async getVersion(name, version) {
      const found = await parameters.getVersion(name, version);
      if (found) texts.set(versionName(name, version), found.value);
      return found;
    },
  };
  const reader = createShardReader(measuring, settings.deployment, clock);
  const reads = await reader.read(cluster, [...Array(settings.shards).keys()]);
  return [...reads].map(([shard, read]) => {
    const parameter = reader.nameOf(cluster, shard);
    const newest = texts.get(parameter) ?? '';
    const older = read.kind === 'shard' ? texts.get(versionName(parameter, read.version)) : undefined;
    const fullness = Math.round((100 * Buffer.byteLength(older ?? newest)) / PARAMETER_BYTES[settings.shardTier]);
    return { cluster, shard, parameter, read, fullness, isRace: isRace(read, newest) };
  });
}

const versionName = (parameter: string, version: number): string => `${parameter}:${version}`;

/** Whether the newest version was made from the same version as the one that counts, or from that one. */
function isRace(read: ShardRead, newest: string): boolean {
  if (read.kind === 'missing' || read.newest === read.version) return false;
  try {
    const { base, shard } = decodeShard(newest);
    return shard.life === read.shard.life && base >= read.version - 1;
  } catch (error) {
    if (error instanceof UnreadableShard) return false;
    throw error;
  }
}

/** What a shard holds; nothing where no version counts. */
export const tasksIn = ({ read }: StoredShard): ReadonlyMap<TaskId, TimedTargets> =>
  read.kind === 'shard' ? read.shard.tasks : new Map();

/** What is wrong with the parameter of a shard; undefined where nothing is. */
export function problemOfShard({ read, parameter, isRace }: StoredShard): string | undefined {
  if (read.kind === 'missing') {
    return read.newest === 0 ? `${parameter} does not exist` : `no version of ${parameter} counts: it was overwritten`;
  }
  if (read.newest === read.version || isRace) return undefined;
  return `version ${read.newest} of ${parameter} does not count, because the discovery did not write it; version ${read.version} is used`;
}

/** What to do about it. */
export const REPAIR_ADVICE =
  'Run "resync", which writes it again, and find out who wrote or deleted the parameter (CloudTrail: PutParameter, DeleteParameter).';
