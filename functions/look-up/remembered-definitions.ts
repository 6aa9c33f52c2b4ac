/** Task definitions that outlive the process: resync runs every few hours, and a new process each time. */
import { describeError } from '../aws/errors.ts';
import type { Parameters } from '../aws/parameters.ts';
import { definitionsParameterCount, definitionsParameterName } from '../discovery/names.ts';
import { PARAMETER_BYTES } from '../discovery/shard/shard-codec.ts';
import { decodeDefinitions, encodeDefinitions } from '../discovery/task/definitions-codec.ts';
import type { TaskDefinition } from '../discovery/task/task-definition.ts';
import type { Report } from '../lambda/report.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import type { TaskDefinitions } from './task-definitions.ts';

export interface RememberedDefinitions extends TaskDefinitions {
  /** Reads what was kept, once in a process. Where that fails, ECS is asked for everything. */
  recall(): Promise<void>;
  /**
   * Keeps what is new; best effort, for ECS can be asked again.
   *
   * @param isWhole the run looked at all tasks, so that what it did not need is not needed any more
   */
  keep(isWhole: boolean): Promise<void>;
}

/** @param asked where those come from that were not kept */
export function rememberDefinitions(
  asked: TaskDefinitions,
  parameters: Pick<Parameters, 'get' | 'put'>,
  report: Report,
  settings: Pick<DiscoverySettings, 'deployment' | 'clusters' | 'shards' | 'shardTier'>,
): RememberedDefinitions {
  const { deployment, clusters, shards, shardTier } = settings;
  const count = definitionsParameterCount({ clusters: clusters.length, shards });
  const names = Array.from({ length: count }, (_, number) => definitionsParameterName(deployment, number));
  let stored: Map<string, string> | undefined;
  let isNew = false;
  const known = new Map<string, TaskDefinition>();
  const used = new Set<string>();

  return {
    async load(arn) {
      used.add(arn);
      const remembered = known.get(arn);
      if (remembered) return remembered;
      const definition = await asked.load(arn);
      isNew ||= !known.has(arn);
      known.set(arn, definition);
      return definition;
    },

    async recall() {
      if (stored) return;
      try {
        const found = await parameters.get(names);
        stored = new Map([...found].map(([name, { value }]) => [name, value]));
        for (const text of stored.values()) for (const one of decodeDefinitions(text)) known.set(one.arn, one);
      } catch (error) {
        report.warn('task definitions are read from ECS: those kept in SSM could not be read', {
          error: describeError(error),
        });
      }
    },

    async keep(isWhole) {
      if (!isNew || !stored) return;
      const wanted = [...known.values()].filter(({ arn }) => !isWhole || used.has(arn)).sort(byArn);
      const each = Math.ceil(wanted.length / count);
      for (const [index, name] of names.entries()) {
        const text = encodeDefinitions(wanted.slice(index * each, (index + 1) * each), PARAMETER_BYTES[shardTier]);
        if (text === stored.get(name)) continue;
        try {
          await parameters.put(name, text);
          stored.set(name, text);
        } catch (error) {
          report.warn('task definitions are not kept for the next resync', { name, error: describeError(error) });
        }
      }
    },
  };
}

const byArn = (a: TaskDefinition, b: TaskDefinition): number => (a.arn < b.arn ? -1 : 1);
