import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LOG_ROOT, MINISTACK_ROOT } from '../paths.ts';
import { run } from '../process/run.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** Where the virtual environment for the pinned requirements is, or will be: another pin is another folder. */
const environmentFolder = async (): Promise<string> => {
  const digest = createHash('sha256')
    .update(await readFile(REQUIREMENTS))
    .digest('hex');
  return join(MINISTACK_ROOT, digest.slice(0, 12));
};

const install = async (folder: string): Promise<void> => {
  const log = join(LOG_ROOT, 'ministack-install.log');
  // The person's own environment: an index or a proxy of theirs is how packages come to their machine.
  const environment = process.env;
  await run('python3', ['-m', 'venv', folder], { environment, log });
  await run(
    join(folder, 'bin/python'),
    ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--quiet', '-r', REQUIREMENTS],
    { environment, log },
  );
};

/** Whether {@link ministackPython} would answer at once. */
export const ministackInstalled = async (): Promise<boolean> => exists(join(await environmentFolder(), 'bin/python'));

/**
 * The Python of the private virtual environment that MiniStack is in; made when it is not there yet (10 to 30 s).
 * It is made aside and renamed, so two callers at once do not see each other's half.
 */
export const ministackPython = async (): Promise<string> => {
  const folder = await environmentFolder();
  const python = join(folder, 'bin/python');
  if (await exists(python)) return python;
  await mkdir(MINISTACK_ROOT, { recursive: true });
  const aside = `${folder}.${process.pid}`;
  try {
    await install(aside);
    await rename(aside, folder).catch(async (error: unknown) => {
      if (!(await exists(python))) throw error;
    });
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
  return python;
};
