/** Resync of one cluster: look at everything first, then change the shards that need it. */
import type { CloudMap } from '../aws/cloud-map.ts';
import type { Ecs } from '../aws/ecs.ts';
import { describeError } from '../aws/errors.ts';
import type { ShardRead } from '../aws/shard-store.ts';
import { METRICS } from '../discovery/metric-names.ts';
import { tooManyRemovals } from '../discovery/plan/removal-guard.ts';
import { OBSERVATION_LIFETIME_SECONDS } from '../discovery/shard/shard.ts';
import { shardOfTask } from '../discovery/shard/shard-of-task.ts';
import { isOfCluster } from '../discovery/target/registration.ts';
import type { TaskId } from '../discovery/task/task.ts';
import type { RegistryLookup } from '../look-up/cloud-map-services.ts';
import type { ScrapingLookup } from '../look-up/scraping.ts';
import { type Publishing, publishShard } from '../reconcile/publish.ts';
import {
  countsWithout,
  inScope,
  type OwnedInstance,
  planShard,
  type ShardPlan,
  type ShardScope,
} from '../reconcile/resync-shard.ts';
import { dropStrays, straysOf } from '../reconcile/stray-tasks.ts';
import { type TaskChange, taskOf } from '../reconcile/task-changes.ts';
import { type ClusterSummary, type Counts, noCounts, type ResyncRequest } from './resync-summary.ts';

export type ResyncDeps = Publishing & {
  readonly ecs: Ecs;
  readonly cloudMap: CloudMap;
  readonly scraping: ScrapingLookup;
  readonly registries: RegistryLookup;
};

/**
 * @param from first shard to look at
 * @param deadline milliseconds since 1970 after which no further shard is begun; one always is, or runs that follow one
 *   another would never end
 * @returns the summary, and the shard to go on with when the time did not suffice
 */
export async function resyncCluster(
  deps: ResyncDeps,
  cluster: string,
  request: ResyncRequest,
  from: number,
  deadline: number,
): Promise<{ readonly summary: ClusterSummary; readonly next?: number }> {
  const { settings, report, clock } = deps;
  // What is published is read before the tasks are: something published meanwhile must not look stale. All shards, also
  // those that an earlier run has done: strays stand in any of them.
  const everywhere = await deps.shards.read(cluster, [...Array(settings.shards).keys()]);
  const reads = new Map([...everywhere].filter(([shard]) => shard >= from));
  const { instances, problems } = await instancesOf(deps, cluster, request.service);
  const listed = await deps.ecs.listTasks(cluster, request.service);
  const listedIn = Map.groupBy(listed, (taskId) => shardOfTask(taskId, settings.shards));
  const instancesOfTasks = Map.groupBy(instances, ({ instanceId }) => instanceId as TaskId);
  const instancesIn = Map.groupBy(instancesOfTasks, ([taskId]) => shardOfTask(taskId, settings.shards));
  const strays = straysOf(everywhere, settings.shards, request.service);
  const strayIn = Map.groupBy(strays, ({ home }) => home);
  const scopeOf = (shard: number): ShardScope => ({
    cluster,
    service: request.service,
    listed: new Set(listedIn.get(shard)),
    isHome: (taskId) => shardOfTask(taskId, settings.shards) === shard,
    strays: new Set(strayIn.get(shard)?.map(({ taskId }) => taskId)),
    instances: new Map(instancesIn.get(shard)),
    mayRemove: () => true,
  });

  const summary = new Summing(cluster, problems);
  const planned = new Map<number, ShardPlan>();
  for (const [shard, read] of reads) planned.set(shard, await planShard(deps, read, scopeOf(shard)));
  for (const read of everywhere.values()) summary.addTargets(read);
  for (const read of reads.values()) summary.addPublished(read, request.service);

  const removals = sum([...planned.values()].map(({ counts }) => counts.removed));
  const hold = !request.force && tooManyRemovals(removals, summary.published, settings.resyncRemovalLimitPercent);
  const gone = new Set<TaskId>();
  let begun = 0;
  let next: number | undefined;
  for (const [shard, plan] of planned) {
    const read = reads.get(shard);
    const needed = plan.changes.length > 0 || (read && needsWriting(read, request));
    if (!needed) {
      summary.addPlan(plan, hold);
    } else if (request.dryRun) {
      summary.addPlan(hinderedPlan(read as ShardRead, plan, request) ?? plan, hold);
    } else if (begun > 0 && clock.now() >= deadline) {
      next = shard;
      break;
    } else {
      begun++;
      const applied = await applyAnew(deps, shard, guarded(scopeOf(shard), plan, request), request, hold);
      summary.addPlan(applied, hold);
      summary.addWritten(applied.written);
      if (!hold) for (const { change } of applied.changes) if (change.kind !== 'upsert') gone.add(change.taskId);
    }
  }
  if (!request.dryRun && next === undefined) await dropStrays(deps, cluster, strays, gone);
  const result = summary.result();
  if (!request.dryRun) {
    report.count(METRICS.drift, result.added + result.updated + result.removed, { cluster });
    report.count(METRICS.held, result.removalsHeld, { cluster });
    report.count(METRICS.problems, result.problems.length, { cluster });
    if (request.service === undefined && next === undefined) report.count(METRICS.targets, result.targets, { cluster });
    for (const [reason, count] of Object.entries(result.skipped))
      report.count(METRICS.skipped, count, { cluster, reason });
  }
  return { summary: result, ...(next !== undefined && { next }) };
}

/**
 * The guard against mass removal has judged what the first look found, so the second one removes nothing else: a task
 * that stopped in between has an event of its own.
 */
function guarded(scope: ShardScope, plan: ShardPlan, { force }: ResyncRequest): ShardScope {
  if (force) return scope;
  const judged = new Set(plan.changes.filter(({ change }) => change.kind !== 'upsert').map(taskOf));
  return { ...scope, mayRemove: (taskId) => judged.has(taskId) };
}

/** Looks at a shard and its tasks again, so that what is written is seconds old however long the first look took. */
async function applyAnew(
  deps: ResyncDeps,
  shard: number,
  scope: ShardScope,
  request: ResyncRequest,
  hold: boolean,
): Promise<ShardPlan & { readonly written: readonly TaskChange[] }> {
  const { cluster } = scope;
  const read = (await deps.shards.read(cluster, [shard])).get(shard) as ShardRead;
  const observed = deps.clock.now();
  const plan = await planShard(deps, read, scope);
  const hindered = hinderedPlan(read, plan, request);
  if (hindered !== undefined) return { ...hindered, written: [] };
  const changes = hold ? plan.changes.filter(({ change }) => change.kind === 'upsert') : plan.changes;
  const options = {
    deadline: observed + OBSERVATION_LIFETIME_SECONDS * 1000,
    create: true,
    replaceUnreadable: request.force ?? false,
  };
  const { failures, errors, written } = await publishShard(deps, { cluster, shard, changes }, options).then(
    (failed) => ({
      failures: failed,
      errors: [...failed.values()] as unknown[],
      written: changes.filter((change) => !failed.has(taskOf(change))),
    }),
    (error: unknown) => ({ failures: new Map<TaskId, Error>(), errors: [error], written: [] }),
  );
  const problems = [...new Set(errors.map(describeError))].map((problem) => `shard ${shard}: ${problem}`);
  const counts = countsWithout(plan, failures.keys());
  return { ...plan, written, counts, problems: [...plan.problems, ...problems] };
}

/** What is left of a plan where the shard must stay as it is; undefined where it need not. */
function hinderedPlan(read: ShardRead, plan: ShardPlan, request: ResyncRequest): ShardPlan | undefined {
  const obstacle = obstacleToRebuilding(read, plan, request);
  if (obstacle === undefined) return undefined;
  const counts = { ...noCounts(), checked: plan.counts.checked };
  return { ...plan, changes: [], counts, problems: [...plan.problems, obstacle] };
}

/**
 * Why a shard that is missing or cannot be read must stay as it is. target-sync keeps the targets it has until there is
 * a shard again, so one that is made anew must hold everything: what is not known to be gone would vanish.
 */
function obstacleToRebuilding(read: ShardRead, plan: ShardPlan, { service, force }: ResyncRequest): string | undefined {
  if (read.kind === 'shard') return undefined;
  if (read.kind === 'unreadable' && !force)
    return `${read.parameter} is made anew only on request: run resync with "force": true`;
  if (service !== undefined)
    return `${read.parameter} is not made anew by a resync of one service: run it for the cluster`;
  if (plan.problems.length > 0)
    return `${read.parameter} is not made anew while some tasks are unknown: run resync again`;
  return undefined;
}

const needsWriting = (read: ShardRead, { force }: ResyncRequest): boolean =>
  read.kind === 'missing' || (read.kind === 'unreadable' && force === true) || (read.kind === 'shard' && !read.settled);

/**
 * What is registered of the cluster. Where Cloud Map does not say, targets are made right all the same: an instance that
 * is not known is registered again, or not taken out this time.
 */
async function instancesOf(
  { registries, cloudMap }: ResyncDeps,
  cluster: string,
  service: string | undefined,
): Promise<{ readonly instances: readonly OwnedInstance[]; readonly problems: readonly string[] }> {
  const problems: string[] = [];
  const unlessFailing = async <T>(looking: Promise<readonly T[]>): Promise<readonly T[]> =>
    looking.catch((error: unknown) => {
      problems.push(describeError(error));
      return [];
    });
  const owned = await unlessFailing(registries.owned());
  const found = await Promise.all(
    owned
      .filter(({ name }) => service === undefined || name === service)
      .map(async ({ id }) => {
        const instances = await unlessFailing(cloudMap.listInstances(id));
        return instances
          .filter((instance) => isOfCluster(instance, cluster))
          .map((instance) => ({ ...instance, registryId: id }));
      }),
  );
  return { instances: found.flat(), problems };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, it) => total + it, 0);

/** Adds up what happens to the shards of a cluster. */
class Summing {
  readonly #cluster: string;
  readonly #counts: Counts = noCounts();
  readonly #skipped: Record<string, number> = {};
  readonly #problems: string[];
  /** How many targets each published task has. */
  readonly #targets = new Map<TaskId, number>();
  /** Tasks in the shards before the resync. */
  published = 0;

  constructor(cluster: string, problems: readonly string[]) {
    this.#cluster = cluster;
    this.#problems = [...problems];
  }

  addPublished(read: ShardRead, service: string | undefined): void {
    if (read.kind !== 'shard') {
      this.#problems.push(
        read.kind === 'missing' ? `${read.parameter} was missing` : `${read.parameter}: ${read.error.message}`,
      );
      return;
    }
    this.published += [...read.shard.tasks.values()].filter((targets) => inScope(targets, service)).length;
  }

  addTargets(read: ShardRead): void {
    if (read.kind !== 'shard') return;
    for (const { taskId, targets } of read.shard.tasks.values()) this.#targets.set(taskId, targets.length);
  }

  addWritten(changes: readonly TaskChange[]): void {
    for (const { change } of changes) {
      if (change.kind === 'upsert') this.#targets.set(change.targets.taskId, change.targets.targets.length);
      else this.#targets.delete(change.taskId);
    }
  }

  addPlan({ counts, skipped, problems, changes }: ShardPlan, hold: boolean): void {
    for (const key of Object.keys(counts) as (keyof Counts)[]) this.#counts[key] += counts[key];
    if (hold) {
      this.#counts.removalsHeld += counts.removed;
      this.#counts.removed -= counts.removed;
      const removals = changes.filter(({ change }) => change.kind !== 'upsert');
      this.#counts.deregistered -= sum(removals.map(({ deregister = [] }) => deregister.length));
    }
    for (const reason of skipped) this.#skipped[reason] = (this.#skipped[reason] ?? 0) + 1;
    this.#problems.push(...problems);
  }

  result(): ClusterSummary {
    return {
      cluster: this.#cluster,
      targets: sum([...this.#targets.values()]),
      ...this.#counts,
      skipped: this.#skipped,
      problems: this.#problems.slice(0, PROBLEMS_SHOWN),
    };
  }
}

/** An answer of Lambda is at most 6 MB, and a person reads it. */
const PROBLEMS_SHOWN = 50;
