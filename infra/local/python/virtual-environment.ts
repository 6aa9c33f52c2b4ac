import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { LOG_ROOT } from '../paths.ts';
import { makeOnce } from '../process/make-once.ts';
import { run } from '../process/run.ts';
import type { Waiting } from '../process/waiting.ts';

/** A private virtual environment with pinned packages. */
export interface VirtualEnvironment {
  /** Whether it is there and whole, so that {@link python} answers at once. */
  readonly installed: () => Promise<boolean>;
  /**
   * Its Python; made when it is not there yet or damaged (10 to 30 s), from the package index that pip is configured for.
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

/** Fails unless each file of each package is there with its size: pip writes both down (PyPA, "Recording installed projects"). */
const CHECK = `
import importlib.metadata as metadata, sys
names = [line.split("==")[0] for line in open(sys.argv[1]) if "==" in line]
for distribution in [metadata.distribution(name) for name in ["pip", *names]]:
    for file in distribution.files:
        assert file.size is None or file.locate().stat().st_size == file.size, file
`;

export const virtualEnvironment = ({ name, requirements, root }: VirtualEnvironmentOptions): VirtualEnvironment => {
  const environmentFolder = async (): Promise<string> => {
    const digest = createHash('sha256')
      .update(await readFile(requirements))
      .digest('hex');
    return join(root, digest.slice(0, 12));
  };
  const pythonIn = (folder: string): string => join(folder, 'bin/python');

  const isWhole = (folder: string): Promise<boolean> =>
    run(pythonIn(folder), ['-c', CHECK, requirements], { environment: process.env }).then(
      () => true,
      () => false,
    );

  const install = async (folder: string, signal: AbortSignal | undefined): Promise<void> => {
    const log = join(LOG_ROOT, `${name}-install.log`);
    // The person's own environment: an index or a proxy of theirs is how packages come to their machine.
    const options = { environment: process.env, log, signal };
    await run('python3', ['-m', 'venv', folder], options);
    const pip = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--quiet'];
    await run(pythonIn(folder), [...pip, '-r', requirements], options);
  };

  return {
    installed: async () => isWhole(await environmentFolder()),
    python: async ({ report, signal } = {}) => {
      const folder = await environmentFolder();
      const make = async (aside: string): Promise<void> => {
        report?.(`Installing ${name} with pip: half a minute the first time, then it is kept in .local/${name}.`);
        await install(aside, signal);
      };
      await makeOnce(folder, make, { isWhole: () => isWhole(folder), signal });
      return pythonIn(folder);
    },
  };
};
