import { randomUUID } from 'node:crypto';
import { access, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { claim } from './owner.ts';

export interface MakeOnceOptions {
  /** Whether what is there can be used; what cannot is removed and made again. @default whether something is there */
  readonly isWhole?: () => Promise<boolean>;
  /** Told once when another process is at it. */
  readonly waiting?: () => void;
  /** Ends the wait for another process. */
  readonly signal?: AbortSignal | undefined;
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** A program that was ended by hand may go on writing for a moment: until then its folder is "not empty". */
export const remove = (path: string): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 10 });

/** What is there and cannot be used, and what those left beside it who were killed while they made it. */
const removeRemains = async (path: string, lock: string): Promise<void> => {
  const names = await readdir(dirname(path));
  const halves = names.filter((name) => name.startsWith(`${basename(path)}.`) && !name.startsWith(basename(lock)));
  await Promise.all([path, ...halves.map((name) => join(dirname(path), name))].map(remove));
};

/**
 * Makes a file or folder that is slow to make, unless it is there and whole. Of several processes one makes it and the
 * others wait; nobody ever sees half of it, because it is made aside and renamed.
 *
 * @param make makes it under the path it is given.
 * @throws what `make` throws; whoever waits then tries for itself.
 */
export const makeOnce = async (
  path: string,
  make: (aside: string) => Promise<void>,
  { isWhole = () => exists(path), waiting, signal }: MakeOnceOptions = {},
): Promise<void> => {
  const lock = `${path}.lock`;
  await mkdir(dirname(path), { recursive: true });
  for (let waited = false; !(await isWhole()); waited = true) {
    if ((await claim(lock)) !== undefined) {
      if (!waited) waiting?.();
      await sleep(200, undefined, { ...(signal === undefined ? {} : { signal }) });
      continue;
    }
    const aside = `${path}.${randomUUID().slice(0, 8)}`;
    try {
      if (await isWhole()) return;
      await removeRemains(path, lock);
      await make(aside);
      await rename(aside, path);
    } finally {
      await remove(aside);
      await rm(lock, { force: true });
    }
  }
};
