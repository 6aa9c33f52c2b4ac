/** The volume of a target-sync, in a folder of this machine. */
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileSystem, systemFiles } from '../../../containers/target-sync/files/file-system.ts';
import { createStateFiles } from '../../../containers/target-sync/files/state-files.ts';
import { createTargetFiles } from '../../../containers/target-sync/files/target-files.ts';

export async function volumeIn(root: string, files: FileSystem = systemFiles) {
  const directory = join(root, 'file_sd');
  const state = join(root, 'state');
  await Promise.all([directory, state].map((folder) => mkdir(folder, { recursive: true })));
  return {
    directory,
    state,
    targetFiles: createTargetFiles(files, { directory, temporaries: state }),
    stateFiles: createStateFiles(files, state),
    /** The addresses in a file; undefined where there is none. */
    async addresses(shard: number, cluster = 'prod'): Promise<string[] | undefined> {
      const text = await readFile(join(directory, `${cluster}-${shard}.json`), 'utf8').catch(() => undefined);
      return text === undefined
        ? undefined
        : (JSON.parse(text) as { targets: string[] }[]).flatMap(({ targets }) => targets).sort();
    },
  };
}
