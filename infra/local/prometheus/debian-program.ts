import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DEBIAN_ROOT, LOG_ROOT } from '../paths.ts';
import { findProgram, MissingProgramError } from '../process/find-program.ts';
import { makeOnce } from '../process/make-once.ts';
import { canRun, run } from '../process/run.ts';
import type { Waiting } from '../process/waiting.ts';

export interface DebianProgram {
  /** Debian's package that holds it. */
  readonly package: string;
  /** Name of the program in the package's `/usr/bin`. */
  readonly program: string;
  /** Other names of it on a PATH, tried first: what its own releases and other distributions call it. */
  readonly alsoCalled?: readonly string[];
  /** Packages that it depends on and needs from there, too, by the start of their names; other ones are left out. */
  readonly needs?: readonly string[];
  /** Where everybody else gets it, for the error message. */
  readonly elsewhere: string;
}

/** Fetches a package into the folder; with lists of its own when the system's are empty, which needs no root. */
const download = async (name: string, folder: string, log: string, signal: AbortSignal | undefined): Promise<void> => {
  const options = { environment: process.env, directory: folder, log, signal };
  // The folder is the person's own, which APT's own user cannot write to.
  const asMyself = '-oAPT::Sandbox::User=';
  try {
    await run('apt-get', [asMyself, 'download', name], options);
  } catch {
    signal?.throwIfAborted();
    await mkdir(join(folder, 'apt/lists/partial'), { recursive: true });
    const own = [asMyself, `-oDir::State::lists=${folder}/apt/lists`, `-oDir::Cache=${folder}/apt`];
    await run('apt-get', [...own, 'update'], options);
    await run('apt-get', [...own, 'download', name], options);
  }
};

/** Names of the packages that an archive says it depends on: of `a (>= 2) | b, c` the names `a` and `c`. */
const dependencies = async (archive: string): Promise<string[]> => {
  const said = await run('dpkg-deb', ['-f', archive, 'Depends'], { environment: process.env });
  return said
    .split(',')
    .map((one) => one.trim().split(/[ |:]/, 1)[0] ?? '')
    .filter((name) => name !== '');
};

/** Unpacks a package, and what it needs, into a folder that is not there yet. */
const unpack = async (wanted: DebianProgram, folder: string, signal: AbortSignal | undefined): Promise<void> => {
  const log = join(LOG_ROOT, `${wanted.package}-install.log`);
  const archives = `${folder}.archives`;
  const isNeeded = (name: string) => (wanted.needs ?? []).some((start) => name.startsWith(start));
  const names = new Set([wanted.package]);
  try {
    await mkdir(archives, { recursive: true });
    for (const name of names) {
      await download(name, archives, log, signal);
      const file = (await readdir(archives)).find((found) => found.startsWith(`${name}_`) && found.endsWith('.deb'));
      if (file === undefined) throw new Error(`apt-get downloaded no package ${name}.`);
      const archive = join(archives, file);
      await run('dpkg-deb', ['-x', archive, folder], { environment: process.env, log });
      for (const dependency of await dependencies(archive)) if (isNeeded(dependency)) names.add(dependency);
    }
  } finally {
    await rm(archives, { recursive: true, force: true });
  }
};

/**
 * Path of a program: the one on the PATH, or else Debian's, unpacked below `.local/` without being installed, so
 * neither root nor a system service is involved. The first call may download some 20 MB.
 *
 * @throws {@link MissingProgramError} saying how to get it, where there is neither.
 */
export const debianProgram = async (wanted: DebianProgram, { report, signal }: Waiting = {}): Promise<string> => {
  for (const name of [wanted.program, ...(wanted.alsoCalled ?? [])]) {
    const installed = await findProgram(name);
    if (installed !== undefined) return installed;
  }
  const folder = join(DEBIAN_ROOT, wanted.package);
  const program = join(folder, 'usr/bin', wanted.program);
  const isWhole = () => canRun(program);
  if (await isWhole()) return program;
  if ((await findProgram('apt-get')) === undefined || (await findProgram('dpkg-deb')) === undefined) {
    throw new MissingProgramError(
      `There is no ${wanted.program} on the PATH, and this is no Debian or Ubuntu, whose package could be unpacked. ${wanted.elsewhere}`,
    );
  }
  report?.(`Fetching Debian's ${wanted.package}: half a minute the first time, then it is kept in .local/debian.`);
  try {
    await makeOnce(folder, (aside) => unpack(wanted, aside, signal), { isWhole, signal });
  } catch (cause) {
    signal?.throwIfAborted();
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new MissingProgramError(
      `Debian's package ${wanted.package} could not be unpacked: ${reason}\n${wanted.elsewhere}`,
      {
        cause,
      },
    );
  }
  return program;
};
