/** What this machine must have, asked before anything is started. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { findProgram, MissingProgramError } from './process/find-program.ts';
import { run } from './process/run.ts';

/** A loopback address other than 127.0.0.1, as each task gets one. */
const SOME_TASK = '127.77.0.1';

const canListenOn = async (host: string): Promise<boolean> => {
  const server = createServer();
  try {
    await once(server.listen(0, host), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
};

/** Prints its version where it can make virtual environments, and fails otherwise (Debian has that in a package apart). */
const PYTHON_CHECK = 'import platform, venv, ensurepip; print(platform.python_version())';

/** What is wrong with the `python3` of the PATH, in words. */
const missingOfPython = async (): Promise<string | undefined> => {
  const python = await findProgram('python3');
  if (python === undefined) return 'there is no python3 on the PATH';
  const version = await run(python, ['-c', PYTHON_CHECK], { environment: process.env }).catch(() => undefined);
  if (version === undefined) return `${python} has no venv`;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 3 || (major === 3 && minor >= 10) ? undefined : `${python} is ${version.trim()}`;
};

/** @throws MissingProgramError saying what is missing and how to get it. */
export const checkMachine = async (): Promise<void> => {
  const lacks = await missingOfPython();
  if (lacks !== undefined) {
    throw new MissingProgramError(
      `The emulated AWS needs Python 3.10 or newer with venv; ${lacks}: \`apt-get install python3 python3-venv\`, or https://www.python.org/downloads/.`,
    );
  }
  if (!(await canListenOn(SOME_TASK))) {
    throw new MissingProgramError(
      `Each task listens on its own loopback address, and ${SOME_TASK} is none here. On Linux all of 127.0.0.0/8 is; macOS has only 127.0.0.1, so run this in a Linux machine or container there.`,
    );
  }
};
