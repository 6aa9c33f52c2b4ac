import { randomUUID } from 'node:crypto';
import { access, mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A maker shows with this period (milliseconds) that it is still at it; one that is silent for longer is dead. */
const SIGN_OF_LIFE = 2_000;
const DEAD_AFTER = 30_000;

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Takes the lock file, or says that somebody else has it. */
const takeLock = async (lock: string): Promise<boolean> => {
  try {
    const file = await open(lock, 'wx');
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const lastSign = await stat(lock).then(
    ({ mtimeMs }) => mtimeMs,
    () => Date.now(),
  );
  // Two who wait may both find it dead and both make: slow, but each makes something of its own, so nothing breaks.
  if (Date.now() - lastSign > DEAD_AFTER) await rm(lock, { force: true });
  return false;
};

const makeAside = async (path: string, make: (aside: string) => Promise<void>): Promise<void> => {
  const aside = `${path}.${randomUUID().slice(0, 8)}`;
  try {
    await make(aside);
    // A folder cannot be renamed onto one that somebody else has put there meanwhile; theirs is as good.
    await rename(aside, path).catch(async (error: unknown) => {
      if (!(await exists(path))) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
};

/**
 * Makes a file or folder that is slow to make, unless it is there. Of several processes one makes it and the others
 * wait; nobody ever sees half of it, because it is made aside and renamed.
 *
 * @param make - makes it under the path it is given.
 * @param waiting - told once when another process is at it.
 * @param signal - ends the wait for another process.
 * @throws what `make` throws; whoever waits then tries for itself.
 */
export const makeOnce = async (
  path: string,
  make: (aside: string) => Promise<void>,
  waiting: () => void = () => {},
  signal?: AbortSignal,
): Promise<void> => {
  const lock = `${path}.lock`;
  await mkdir(dirname(path), { recursive: true });
  for (let waited = false; !(await exists(path)); waited = true) {
    if (!(await takeLock(lock))) {
      if (!waited) waiting();
      await sleep(200, undefined, { ...(signal === undefined ? {} : { signal }) });
      continue;
    }
    const alive = setInterval(() => void utimes(lock, new Date(), new Date()).catch(() => {}), SIGN_OF_LIFE);
    try {
      if (!(await exists(path))) await makeAside(path, make);
    } finally {
      clearInterval(alive);
      await rm(lock, { force: true });
    }
  }
};
