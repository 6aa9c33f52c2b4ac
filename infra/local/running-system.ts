/** Where a running local system can be reached: what `npm run local` writes down and `npm run local -- <command>` reads. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { loopbackEndpoint } from './loopback.ts';
import type { Vantage } from './observation/presence.ts';
import { LOCAL_ROOT } from './paths.ts';
import { claim, type Owner, readOfLiving, thisProcess, writeWhole } from './process/owner.ts';

export interface RunningSystem extends Vantage {
  /** Endpoint of the stand-in for the ECS control plane. */
  readonly ecs: string;
  /** Name of the ECS service that the scenario works with. */
  readonly service: string;
  readonly resyncFunction: string;
  /** Endpoint of target-sync. */
  readonly targetSync: string;
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

/**
 * Says that this process is the one that runs here, before it touches anything of `.local/run`.
 *
 * @throws AlreadyRunningError when another one does, or is about to.
 */
export const claimMachine = async (file = FILE): Promise<void> => {
  const other = await claim(file);
  if (other === undefined) return;
  throw new AlreadyRunningError(
    `It runs already (process ${other.pid}). End that one, or give it a command: npm run local -- help`,
  );
};

/** @throws NotRunningError saying how to start it. */
export const runningSystem = async (file = FILE): Promise<RunningSystem> => {
  const system = await readOfLiving<Owner | (Owner & RunningSystem)>(file);
  if (system === undefined) throw new NotRunningError('Nothing runs here. Start it in another terminal: npm run local');
  if (!('aws' in system)) throw new NotRunningError(`It is still starting (process ${system.pid}). Wait until it has.`);
  for (const endpoint of [system.aws, system.ecs, system.scraper, system.prometheus, system.targetSync])
    loopbackEndpoint(endpoint);
  return system;
};

/** Makes the claim tell where the system can be reached. */
export const rememberRunningSystem = async (system: RunningSystem, file = FILE): Promise<void> =>
  writeWhole(file, { ...system, ...(await thisProcess()) });

export const forgetRunningSystem = (file = FILE): Promise<void> => rm(file, { force: true });
