/** The commands on the ECS of this machine, whose tasks are no processes. */
import type { Command } from 'commander';
import { localProgram } from '../../../infra/local/commands/local-program.ts';
import { serveEcs } from '../../../infra/local/ecs/server.ts';
import type { RunningSystem } from '../../../infra/local/running-system.ts';
import { type LocalCluster, runningCluster } from '../ecs/local-cluster.ts';

const NOBODY = 'http://127.0.0.1:1';

export interface CommandsOnCluster extends LocalCluster {
  readonly program: Command;
  readonly run: (words: readonly string[]) => Promise<void>;
  /** What was printed. */
  readonly said: string[];
  /** What the operator's command line was asked to do. */
  readonly operated: (readonly string[])[];
  /** What the controls beside the API were asked to do. */
  readonly controlled: string[];
  readonly stop: () => Promise<void>;
}

/** @param print hears what is printed, too */
export const commandsOnCluster = async (print: (text: string) => void = () => {}): Promise<CommandsOnCluster> => {
  const cluster = await runningCluster(2);
  const [said, operated, controlled]: [string[], (readonly string[])[], string[]] = [[], [], []];
  const server = await serveEcs(cluster.api, 0, {
    kill: (body) => controlled.push(`kill ${body}`),
    lose: (body) => controlled.push(`lose ${body}`),
  });
  const system: RunningSystem = {
    ...{ aws: NOBODY, ecs: server.endpoint, scraper: NOBODY, prometheus: NOBODY, targetSync: NOBODY },
    ...{ deployment: 'd', cluster: 'local', service: 'webapp', resyncFunction: 'f', registryId: 'r' },
    ...{ shards: 1, targetsDirectory: '/nowhere' },
  };
  const commands = localProgram(
    {
      system: async () => system,
      print: (text) => {
        said.push(text);
        print(text);
      },
      operate: async (_, words) => operated.push(words),
    },
    'local>',
  );
  return { ...cluster, ...commands, said, operated, controlled, stop: server.stop };
};
