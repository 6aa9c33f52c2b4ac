/** Brings what was decided about tasks into the world: first the shards, which the collector waits for, then Cloud Map. */
import pLimit from 'p-limit';
import type { UpdateOptions } from '../aws/shard-store.ts';
import { changeRegistrations, type RegistrationChanging } from './change-registrations.ts';
import { byShard, type Failures, type ShardGroup, type TaskChange, taskOf } from './task-changes.ts';
import { type ShardWriting, writeShard } from './write-shard.ts';

export type Publishing = ShardWriting & RegistrationChanging;

/**
 * Shards written at once by one Lambda. PutParameter allows 3 a second for the whole account (AWS Systems Manager
 * quotas), so more would only collide.
 */
const SHARDS_AT_ONCE = 3;

/**
 * Publishes a batch of changes, whatever shards they belong to.
 *
 * @returns what could not be done, by task; everything else is done
 */
export async function publish(
  deps: Publishing,
  changes: readonly TaskChange[],
  options: UpdateOptions,
): Promise<Failures> {
  const failures: Failures = new Map();
  const limit = pLimit(SHARDS_AT_ONCE);
  // Where there is no time for all of them, whoever waits longest is not left again.
  const groups = byShard(changes, deps.settings.shards).sort((a, b) => oldest(a) - oldest(b));
  const held = await Promise.all(groups.map((group) => limit(() => writeShard(deps, group, options, failures))));
  await changeRegistrations(deps, held.flat(), options.deadline, failures);
  for (const change of changes) {
    if (change.incomplete && !failures.has(taskOf(change))) failures.set(taskOf(change), change.incomplete);
  }
  return failures;
}

const oldest = ({ changes }: ShardGroup): number => Math.min(...changes.map(({ time = 0 }) => time));

/** Publishes the changes of one shard, and writes it also without any where it has to be repaired. */
export async function publishShard(deps: Publishing, group: ShardGroup, options: UpdateOptions): Promise<Failures> {
  const failures: Failures = new Map();
  await changeRegistrations(deps, await writeShard(deps, group, options, failures), options.deadline, failures);
  return failures;
}
