/** What each discovery asks AWS, and what its processes take, for a while. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Effort } from './report/figures.ts';
import type { Side, SideId } from './sides/side.ts';
import { meterUsage } from './usage.ts';

const difference = (after: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): Effort['calls'] =>
  Object.fromEntries(
    [...after]
      .map(([call, count]) => [call, count - (before.get(call) ?? 0)] as const)
      .filter(([, count]) => count > 0),
  );

const effortOf = async ({ account, processes }: Side, seconds: number): Promise<Effort> => {
  const [calls, refused] = [account.calls(), account.refused()];
  const meters = await Promise.all(
    Object.entries(processes).map(async ([name, process]) => [name, await meterUsage(process)] as const),
  );
  await sleep(seconds * 1000);
  const counted = { calls: difference(account.calls(), calls), refused: account.refused() - refused };
  for (const [, meter] of meters) await meter.stop();
  return { ...counted, usage: Object.fromEntries(meters.map(([name, meter]) => [name, meter.usage()])) };
};

/** From now on for so many seconds. */
export const measureEffort = async (sides: readonly Side[], seconds: number): Promise<ReadonlyMap<SideId, Effort>> =>
  new Map(await Promise.all(sides.map(async (side) => [side.id, await effortOf(side, seconds)] as const)));
