import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { FileSystem } from './file-system.ts';

/** Name of a file that is being written. */
const temporaryName = (): string => `.target-sync-${randomUUID()}.tmp`;

/** Whether a file was left behind by a process that was killed while writing. */
export const isLeftOver = (name: string): boolean => /^\.target-sync-[0-9a-f-]{36}\.tmp$/.test(name);

/** Readable for the collector, which runs as another user; the process's umask may be stricter. */
const READABLE = 0o644;

export interface Place {
  readonly directory: string;
  readonly name: string;
  /**
   * Folder for the file while it is being written, on the same volume: each change in a folder that Prometheus watches
   * makes it read all files there again.
   */
  readonly temporaries: string;
}

/** Gives a file this content, and does not touch one that has it already. */
export async function writeIfOther(files: FileSystem, place: Place, content: string): Promise<'written' | 'unchanged'> {
  if ((await currentContent(files, place)) === content) return 'unchanged';
  await replaceFile(files, place, content);
  return 'written';
}

async function currentContent(files: FileSystem, { directory, name }: Place): Promise<string | undefined> {
  try {
    return await files.readFile(join(directory, name), 'utf8');
  } catch {
    // Missing, or not readable: writing it is the way out of both.
    return undefined;
  }
}

/**
 * Gives a file a new content in one step: a reader sees the earlier content or the new one, and after a crash there is
 * one of them, too. When it fails, the earlier content stays.
 */
async function replaceFile(files: FileSystem, { directory, name, temporaries }: Place, content: string): Promise<void> {
  const temporary = join(temporaries, temporaryName());
  try {
    const handle = await files.open(temporary, 'wx', READABLE);
    try {
      await handle.writeFile(content);
      await handle.chmod(READABLE);
      // Without this a crash of the machine could leave the new name with no content behind it.
      await handle.sync();
    } finally {
      await handle.close();
    }
    await files.rename(temporary, join(directory, name));
  } catch (error) {
    await files.rm(temporary, { force: true }).catch(() => {});
    throw error;
  }
}
