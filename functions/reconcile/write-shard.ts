/** Brings changes into the shards and announces the new versions. */
import {
  type Contention,
  ShardFull,
  type ShardStore,
  type ShardUpdate,
  StaleObservation,
  type UpdateOptions,
} from '../aws/shard-store.ts';
import type { TargetEvents } from '../aws/target-events.ts';
import type { Clock } from '../discovery/clock.ts';
import { METRICS } from '../discovery/metric-names.ts';
import { OBSERVATION_LIFETIME_SECONDS, type Shard, STOP_MEMORY_SECONDS } from '../discovery/shard/shard.ts';
import type { Report } from '../lambda/report.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import { asError, type Failures, type HeldChange, type ShardGroup, type TaskChange, taskOf } from './task-changes.ts';

export interface ShardWriting {
  readonly shards: ShardStore;
  readonly events: TargetEvents;
  readonly report: Report;
  readonly clock: Clock;
  readonly settings: DiscoverySettings;
}

/**
 * Writes one shard; nothing when it holds the changes already. A shard that cannot be written fails its own tasks only.
 *
 * @returns the changes that the shard holds now
 */
export async function writeShard(
  deps: ShardWriting,
  group: ShardGroup,
  options: UpdateOptions,
  failures: Failures,
): Promise<HeldChange[]> {
  const { cluster, shard, changes } = group;
  const failed = (error: unknown): HeldChange[] => {
    if (changes.length === 0) throw asError(error);
    for (const change of changes) failures.set(taskOf(change), asError(error));
    return [];
  };
  let update: ShardUpdate;
  try {
    update = await deps.shards.update(
      cluster,
      shard,
      changes.map(({ change }) => change),
      options,
    );
  } catch (error) {
    if (error instanceof StaleObservation) countContention(deps.report, cluster, error.contention);
    return failed(error);
  }
  countContention(deps.report, cluster, update);
  for (const taskId of update.refused) {
    failures.set(taskId, new ShardFull(`shard ${shard} of ${cluster} is full: raise "shards", deploy, and run resync`));
  }
  try {
    await announce(deps, group, update);
  } catch (error) {
    return failed(error);
  }
  return changes
    .filter((change) => !failures.has(taskOf(change)) && holds(update.shard, change))
    .map((change) => ({
      ...change,
      version: update.version,
      isRecentStop: isRecentStop(update.before, change, deps.clock),
    }));
}

function countContention(report: Report, cluster: string, { conflicts, throttles }: Contention): void {
  if (conflicts > 0) report.count(METRICS.conflicts, conflicts, { cluster });
  if (throttles > 0) report.count(METRICS.throttles, throttles, { cluster });
}

/** Also announces what was written before where an earlier try may have died between writing and announcing. */
async function announce(
  { events, report, clock, settings }: ShardWriting,
  group: ShardGroup,
  update: ShardUpdate,
): Promise<void> {
  const { cluster, shard, changes } = group;
  if (!update.written && !changes.some(({ again }) => again)) return;
  const version = { shard, version: update.version };
  await events.publish({ deployment: settings.deployment, cluster, shards: [version] });
  if (!update.written) return;
  const upserts = changes.filter(({ change }) => change.kind === 'upsert').length;
  report.count(METRICS.upserts, upserts, { cluster });
  report.count(METRICS.removals, changes.length - upserts, { cluster });
  report.count(METRICS.fullness, update.fullness, { cluster });
  const times = changes.flatMap(({ time }) => time ?? []);
  const age = times.length > 0 ? clock.now() - Math.min(...times) : undefined;
  if (age !== undefined) report.count(METRICS.eventAge, age, { cluster });
  report.info('shard written', {
    cluster,
    ...version,
    upserts,
    removals: changes.length - upserts,
    tasks: update.shard.tasks.size,
    fullnessPercent: update.fullness,
    ...(update.conflicts > 0 && { conflicts: update.conflicts }),
    ...(age !== undefined && { eventAgeMilliseconds: age }),
  });
}

/** An upsert that lost against a stop which somebody else wrote is not in the shard. */
const holds = ({ tasks }: Shard, { change }: TaskChange): boolean =>
  change.kind !== 'upsert' || tasks.has(change.targets.taskId);

/** One that the shard did not remember before, or only for as long as a writer may still act on what it saw before. */
const isRecentStop = ({ stopped }: Shard, { change }: TaskChange, clock: Clock): boolean => {
  if (change.kind !== 'stop') return false;
  const until = stopped.get(change.taskId) ?? Number.POSITIVE_INFINITY;
  return until - STOP_MEMORY_SECONDS + OBSERVATION_LIFETIME_SECONDS > clock.now() / 1000;
};
