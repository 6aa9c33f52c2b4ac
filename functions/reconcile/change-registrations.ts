/**
 * Registers and deregisters tasks in Cloud Map, after their shards are written.
 *
 * A task may stop while its registration is under way. So after registering, the shards are read once more: whoever
 * handles the stop remembers it in the shard *before* deregistering, so that either its deregistration comes after
 * this registration, or the stop is seen here and the registration is taken back. Whoever finds no instance to
 * deregister comes back for as long as the stop is recent: a registration may still be under way, since a reader may
 * not see the stop yet, and Cloud Map takes its time to carry one out.
 */
import pLimit from 'p-limit';
import type { CloudMap } from '../aws/cloud-map.ts';
import type { ShardReader } from '../aws/shard-store.ts';
import type { Clock } from '../discovery/clock.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import { asError, byShard, type Failures, type HeldChange, taskOf } from './task-changes.ts';

export interface RegistrationChanging {
  readonly shards: ShardReader;
  readonly cloudMap: CloudMap;
  readonly clock: Clock;
  readonly settings: DiscoverySettings;
}

/** AWS's own Cloud Map controller allows itself 50 registrations a second. */
const REGISTRATIONS_AT_ONCE = 10;

/** Cloud Map does not know an instance that was registered a moment ago; the record is tried again a little later. */
export class NotYetRegistered extends Error {
  override readonly name = 'NotYetRegistered';
}

/** Cloud Map takes no more than it takes; what is left of a large batch is tried again. */
export class OutOfTime extends Error {
  override readonly name = 'OutOfTime';
}

/**
 * @param changes changes that the shards hold already
 * @param deadline milliseconds since 1970 after which nothing is begun
 */
export async function changeRegistrations(
  deps: RegistrationChanging,
  changes: readonly HeldChange[],
  deadline: number,
  failures: Failures,
): Promise<void> {
  const limit = pLimit(REGISTRATIONS_AT_ONCE);
  const each = async (some: readonly HeldChange[], act: (change: HeldChange) => Promise<void>): Promise<void> => {
    await Promise.all(
      some.map((change) => limit(() => act(change)).catch((error) => failures.set(taskOf(change), asError(error)))),
    );
  };

  await each(changes, async (change) => {
    if (!change.register && !change.deregister?.length) return;
    if (deps.clock.now() >= deadline) throw new OutOfTime('no time was left for its registration in Cloud Map');
    if (change.register) await deps.cloudMap.register(change.register);
    for (const registryId of change.deregister ?? [])
      await deregister(deps.cloudMap, registryId, change, change.isRecentStop);
  });
  const registered = changes.filter((change) => change.register && !failures.has(taskOf(change)));
  const stopped = await stoppedMeanwhile(deps, registered, failures);
  await each(stopped, async (change) => deregister(deps.cloudMap, change.register?.registryId ?? '', change, true));
}

/** @param mayCome whether a registration may be under way that Cloud Map does not know yet */
async function deregister(cloudMap: CloudMap, registryId: string, change: HeldChange, mayCome: boolean): Promise<void> {
  const known = await cloudMap.deregister(registryId, taskOf(change));
  if (!known && mayCome) throw new NotYetRegistered(`Cloud Map does not know instance ${taskOf(change)} yet`);
}

/**
 * Those of the registered tasks that are no longer in their shards. A version before the one that brought the task in
 * says nothing: SSM may answer with it for a moment.
 */
async function stoppedMeanwhile(
  { shards, settings }: RegistrationChanging,
  registered: readonly HeldChange[],
  failures: Failures,
): Promise<HeldChange[]> {
  const stopped = await Promise.all(
    byShard(registered, settings.shards).map(async ({ cluster, shard, changes }) => {
      try {
        const read = (await shards.read(cluster, [shard])).get(shard);
        if (read?.kind !== 'shard') return [];
        return changes.filter((change) => read.version >= change.version && !read.shard.tasks.has(taskOf(change)));
      } catch (error) {
        for (const change of changes) failures.set(taskOf(change), asError(error));
        return [];
      }
    }),
  );
  return stopped.flat();
}
