import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LOG_ROOT } from '../paths.ts';
import { run } from '../process/run.ts';
import type { Waiting } from '../process/waiting.ts';

/** A private virtual environment with pinned packages. */
export interface VirtualEnvironment {
  /** Whether {@link python} would answer at once. */
  readonly installed: () => Promise<boolean>;
  /**
   * Its Python; made when it is not there yet (10 to 30 s), from the package index that pip is configured for.
   */
  readonly python: (waiting?: Waiting) => Promise<string>;
}

export interface VirtualEnvironmentOptions {
  /** Name of the installation's log, `<name>-install.log`. */
  readonly name: string;
  /** File with the pinned packages. */
  readonly requirements: string;
  /** Folder for the environments: another pin is another folder in it. */
  readonly root: string;
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export const virtualEnvironment = ({ name, requirements, root }: VirtualEnvironmentOptions): VirtualEnvironment => {
  const pythonPath = async (): Promise<string> => {
    const digest = createHash('sha256')
      .update(await readFile(requirements))
      .digest('hex');
    return join(root, digest.slice(0, 12), 'bin/python');
  };

  const install = async (folder: string, signal: AbortSignal | undefined): Promise<void> => {
    const log = join(LOG_ROOT, `${name}-install.log`);
    // The person's own environment: an index or a proxy of theirs is how packages come to their machine.
    const options = { environment: process.env, log, ...(signal === undefined ? {} : { signal }) };
    await run('python3', ['-m', 'venv', folder], options);
    await run(
      join(folder, 'bin/python'),
      ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--quiet', '-r', requirements],
      options,
    );
  };

  return {
    installed: async () => exists(await pythonPath()),
    // It is made aside and renamed, so two callers at once do not see each other's half.
    python: async ({ report, signal } = {}) => {
      const python = await pythonPath();
      if (await exists(python)) return python;
      report?.(`Installing ${name} with pip: half a minute the first time, then it is kept in .local/${name}.`);
      await mkdir(root, { recursive: true });
      const folder = join(python, '../..');
      const aside = `${folder}.${process.pid}`;
      try {
        await install(aside, signal);
        await rename(aside, folder).catch(async (error: unknown) => {
          if (!(await exists(python))) throw error;
        });
      } finally {
        // A pip that venv started may still be writing for a moment when the installation is ended by hand.
        await rm(aside, { recursive: true, force: true, maxRetries: 10 });
      }
      return python;
    },
  };
};
