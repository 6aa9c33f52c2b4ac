/** A peer that is a program: it asks every so often, and writes one file. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { loopbackEnvironment } from '../../../infra/local/loopback.ts';
import { type Child, startChild } from '../../../infra/local/process/child.ts';
import type { Account } from '../account/account.ts';
import { watchTargets } from '../target-list.ts';
import { folderOf, PEERS_ROOT, type Side, type SideId } from './side.ts';

export interface PollingProgram {
  readonly id: SideId;
  readonly account: Account;
  readonly binary: string;
  /** Its configuration. @param seconds between two refreshes; undefined: its default */
  readonly configuration: (file: string, seconds: number | undefined) => string;
  readonly arguments: (configuration: string, file: string) => readonly string[];
}

const LIST = 'targets.yaml';

export const startPollingProgram = async (program: PollingProgram): Promise<Side> => {
  const folder = await folderOf(program.id, 'targets');
  const file = join(folder, LIST);
  const list = await watchTargets(folder, (name) => name === LIST);
  const configuration = join(await folderOf(program.id), 'configuration.yaml');
  let child: Child | undefined;
  let end: string | undefined;
  const start = async (seconds: number | undefined): Promise<void> => {
    await child?.stop();
    // What an earlier process listed is no list of this one.
    await writeFile(file, '');
    await writeFile(configuration, program.configuration(file, seconds));
    const started = await startChild({
      name: program.id,
      command: program.binary,
      arguments: program.arguments(configuration, file),
      environment: loopbackEnvironment(program.account.endpoint),
      log: join(PEERS_ROOT, `${program.id}.log`),
      directory: folder,
    });
    child = started;
    end = undefined;
    void started.ended.then((how) => {
      if (child === started) end = how;
    });
  };
  await start(undefined);
  return {
    id: program.id,
    account: program.account,
    list,
    processes: { process: { root: () => child?.pid ?? 0 } },
    hurry: start,
    ended: () => end,
    stop: async () => {
      list.stop();
      await child?.stop();
    },
  };
};
