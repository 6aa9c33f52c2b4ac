import { join } from 'node:path';
import { writeIfOther } from './atomic-file.ts';
import type { FileSystem } from './file-system.ts';

const NAME = 'starts';

/** Counts a start on this volume. @returns how many there were before it; 0 where that cannot be read */
export async function countStart(files: FileSystem, directory: string): Promise<number> {
  const before = Number((await files.readFile(join(directory, NAME), 'utf8').catch(() => '0')).trim());
  const starts = Number.isSafeInteger(before) && before >= 0 ? before : 0;
  // Nothing is said of a full disk here: writing the target files reports it.
  await writeIfOther(files, { directory, name: NAME, temporaries: directory }, `${starts + 1}\n`).catch(() => {});
  return starts;
}
