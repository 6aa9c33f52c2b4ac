/** Where a running local system can be reached: what `npm run local` writes down and `npm run local -- <command>` reads. */
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { loopbackEndpoint } from './loopback.ts';
import type { Vantage } from './observation/presence.ts';
import { LOCAL_ROOT } from './paths.ts';

export interface RunningSystem extends Vantage {
  /** Endpoint of the stand-in for the ECS control plane. */
  readonly ecs: string;
  /** Name of the ECS service that the scenario works with. */
  readonly service: string;
  readonly resyncFunction: string;
}

/** What is written down from the first moment on: whose the machine is. */
interface Claim {
  /** Process id of `npm run local`. */
  readonly pid: number;
  /** When that process began, as Linux counts; another one may have its number later. */
  readonly born?: string | undefined;
}

const FILE = join(LOCAL_ROOT, 'running.json');

/** There is nothing to give a command to. */
export class NotRunningError extends Error {
  override readonly name = 'NotRunningError';
}

/** Another one has this checkout's ports and folders. */
export class AlreadyRunningError extends Error {
  override readonly name = 'AlreadyRunningError';
}

/** The 22nd field of /proc/<pid>/stat (proc(5)); undefined where there is no such process, or no /proc. */
const bornAt = async (pid: number): Promise<string | undefined> => {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return text
    .slice(text.lastIndexOf(')') + 2)
    .split(' ')
    .at(19);
};

const isAlive = async ({ pid, born }: Claim): Promise<boolean> => {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return (await bornAt(pid)) === born;
};

/** What a process that lives has written down; undefined when there is none, whatever an earlier one left. */
const found = async (file: string): Promise<Claim | (Claim & RunningSystem) | undefined> => {
  try {
    const claim = JSON.parse(await readFile(file, 'utf8')) as Claim;
    return (await isAlive(claim)) ? claim : undefined;
  } catch {
    return undefined;
  }
};

/** Puts the text aside and then in its place by `place`, so that nobody ever reads half of it. */
const written = async (
  file: string,
  content: object,
  place: (aside: string, file: string) => Promise<void>,
): Promise<void> => {
  const aside = `${file}.${process.pid}`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(aside, JSON.stringify(content, undefined, 2));
  try {
    await place(aside, file);
  } finally {
    await rm(aside, { force: true });
  }
};

/**
 * Says that this process is the one that runs here, before it touches anything of `.local/run`.
 *
 * @throws AlreadyRunningError when another one does, or is about to.
 */
export const claimMachine = async (file = FILE): Promise<void> => {
  const claim: Claim = { pid: process.pid, born: await bornAt(process.pid) };
  for (;;) {
    try {
      return await written(file, claim, link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const other = await found(file);
    if (other !== undefined) {
      throw new AlreadyRunningError(
        `It runs already (process ${other.pid}). End that one with Ctrl-C, or give it a command.`,
      );
    }
    await rm(file, { force: true });
  }
};

/** @throws NotRunningError saying how to start it. */
export const runningSystem = async (file = FILE): Promise<RunningSystem> => {
  const system = await found(file);
  if (system === undefined) throw new NotRunningError('Nothing runs here. Start it in another terminal: npm run local');
  if (!('aws' in system)) throw new NotRunningError(`It is still starting (process ${system.pid}). Wait until it has.`);
  for (const endpoint of [system.aws, system.ecs, system.scraper, system.prometheus]) loopbackEndpoint(endpoint);
  return system;
};

/** Makes the claim tell where the system can be reached. */
export const rememberRunningSystem = async (system: RunningSystem, file = FILE): Promise<void> =>
  written(file, { ...system, pid: process.pid, born: await bornAt(process.pid) }, rename);

export const forgetRunningSystem = (file = FILE): Promise<void> => rm(file, { force: true });
