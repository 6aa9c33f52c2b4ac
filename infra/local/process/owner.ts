/** Which process something belongs to, written down so that another one can see whether it still lives. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

export interface Owner {
  readonly pid: number;
  /** When that process began, as Linux counts; another one may have its number later. */
  readonly born?: string | undefined;
}

/** The 22nd field of /proc/<pid>/stat (proc(5)); undefined where there is no such process, or no /proc. */
const bornAt = async (pid: number): Promise<string | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .at(19);
};

export const thisProcess = async (): Promise<Owner> => ({ pid: process.pid, born: await bornAt(process.pid) });

const isAlive = async ({ pid, born }: Owner): Promise<boolean> => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return (await bornAt(pid)) === born;
};

/** What a process that lives has written to the file; undefined when there is none, whatever an earlier one left. */
export const readOfLiving = async <Content extends Owner>(file: string): Promise<Content | undefined> => {
  try {
    const content = JSON.parse(await readFile(file, 'utf8')) as Content;
    return (await isAlive(content)) ? content : undefined;
  } catch {
    return undefined;
  }
};

/** Puts the text aside and then in its place by `place`, so that nobody ever reads half of it. */
export const writeWhole = async (
  file: string,
  content: object,
  place: (aside: string, file: string) => Promise<void> = rename,
): Promise<void> => {
  const aside = `${file}.${randomUUID()}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(aside, JSON.stringify(content, undefined, 2));
  try {
    await place(aside, file);
  } finally {
    await rm(aside, { force: true });
  }
};

/**
 * Writes down that something belongs to this process, unless it belongs to another one that lives.
 *
 * @returns that other one; undefined when it is ours now
 */
export const claim = async (file: string): Promise<Owner | undefined> => {
  for (;;) {
    try {
      await writeWhole(file, await thisProcess(), link);
      return undefined;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const other = (await readOfLiving(file)) ?? (await removeOfDead(file));
    if (other !== undefined) return other;
  }
};

/** Taken away first and looked at then: somebody else who saw the dead one, too, may have put theirs there meanwhile. */
const removeOfDead = async (file: string): Promise<Owner | undefined> => {
  const aside = `${file}.${randomUUID()}`;
  await rename(file, aside).catch(() => {});
  const other = await readOfLiving(aside);
  if (other !== undefined) await link(aside, file).catch(() => {});
  await rm(aside, { force: true, recursive: true });
  return other;
};
