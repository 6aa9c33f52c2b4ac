/** Where a running local system can be reached: what `npm run local` writes down and `npm run local -- <command>` reads. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
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
  /** Process id of `npm run local`. */
  readonly pid: number;
}

const FILE = join(LOCAL_ROOT, 'running.json');

/** There is nothing to give a command to. */
export class NotRunningError extends Error {
  override readonly name = 'NotRunningError';
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** The system that runs on this machine, if one does. */
export const findRunningSystem = async (): Promise<RunningSystem | undefined> => {
  const text = await readFile(FILE, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const system = JSON.parse(text) as RunningSystem;
  return isAlive(system.pid) ? system : undefined;
};

/** @throws NotRunningError saying how to start it. */
export const runningSystem = async (): Promise<RunningSystem> => {
  const system = await findRunningSystem();
  if (system === undefined) throw new NotRunningError('Nothing runs here. Start it in another terminal: npm run local');
  for (const endpoint of [system.aws, system.ecs, system.scraper, system.prometheus]) loopbackEndpoint(endpoint);
  return system;
};

export const rememberRunningSystem = async (system: RunningSystem): Promise<void> => {
  await mkdir(dirname(FILE), { recursive: true });
  await writeFile(FILE, JSON.stringify(system, undefined, 2));
};

export const forgetRunningSystem = (): Promise<void> => rm(FILE, { force: true });
