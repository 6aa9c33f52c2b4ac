import { join } from 'node:path';
import { DEBIAN_ROOT } from '../paths.ts';
import { findProgram, MissingProgramError } from '../process/find-program.ts';
import { makeOnce } from '../process/make-once.ts';
import { canRun } from '../process/run.ts';
import type { Waiting } from '../process/waiting.ts';
import { unpackPackage, type WantedPackage } from './unpack-package.ts';

export interface DebianProgram extends WantedPackage {
  /** Name of the program. */
  readonly program: string;
  /** Other names of it on a PATH, tried first: what its own releases and other distributions call it. */
  readonly alsoCalled?: readonly string[];
  /** Its folder in the package; `usr/bin` by default. */
  readonly folder?: string;
  /** Whether what was unpacked can be used. @default whether it says its version */
  readonly isWhole?: (program: string) => Promise<boolean>;
  /** Where everybody else gets it, for the error message. */
  readonly elsewhere: string;
}

/** Where a package is unpacked. */
export const debianFolder = (name: string): string => join(DEBIAN_ROOT, name);

/**
 * Path of a program: the one on the PATH, or else Debian's, unpacked below `.local/` without being installed, so
 * neither root nor a system service is involved. The first call may download some 20 MB, 100 MB for a browser.
 *
 * @throws {@link MissingProgramError} saying how to get it, where there is neither.
 */
export const debianProgram = async (wanted: DebianProgram, { report, signal }: Waiting = {}): Promise<string> => {
  for (const name of [wanted.program, ...(wanted.alsoCalled ?? [])]) {
    const installed = await findProgram(name);
    if (installed !== undefined) return installed;
  }
  const folder = debianFolder(wanted.package);
  const program = join(folder, wanted.folder ?? 'usr/bin', wanted.program);
  const isWhole = () => (wanted.isWhole ?? canRun)(program);
  if (await isWhole()) return program;
  if ((await findProgram('apt-get')) === undefined || (await findProgram('dpkg-deb')) === undefined) {
    throw new MissingProgramError(
      `There is no ${wanted.program} on the PATH, and this is no Debian or Ubuntu, whose package could be unpacked. ${wanted.elsewhere}`,
    );
  }
  report?.(`Fetching Debian's ${wanted.package}: half a minute the first time, then it is kept in .local/debian.`);
  try {
    await makeOnce(folder, (aside) => unpackPackage(wanted, aside, signal), { isWhole, signal });
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
