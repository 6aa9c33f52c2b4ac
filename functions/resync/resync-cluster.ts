/** Resync of one cluster: look at everything, announce what differs, repair what no announcement can. */
import { describeError } from '../aws/errors.ts';
import { needsRepair, type ShardRead } from '../aws/shard-reader.ts';
import type { Announcer } from '../aws/sns.ts';
import type { ComparedShard, WrittenShard } from '../discovery/change/announcement.ts';
import { type TaskChange, toSeconds } from '../discovery/change/change.ts';
import { METRICS } from '../discovery/metric-names.ts';
import { tooManyRemovals } from '../discovery/plan/removal-guard.ts';
import type { TaskId } from '../discovery/task/task.ts';
import type { Report } from '../lambda/report.ts';
import { reportRejections } from '../lambda/report-rejections.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import type { ObserveDeps } from '../look-up/observe-tasks.ts';
import { type ClusterState, entriesOf, inScope, isWhole, readClusterState, type StateDeps } from './cluster-state.ts';
import { type ComparedTask, compareTasks, differs, isRemoval, type Known } from './compare-tasks.ts';
import { misplacedTasks, moveMisplaced, type RepairDeps, repairVersions, type ShardVersion } from './repair-shards.ts';
import type { ClusterSummary, ResyncRequest } from './resync-summary.ts';
import { Summing } from './summing.ts';

export interface ResyncDeps extends StateDeps, ObserveDeps, RepairDeps {
  readonly announcer: Announcer;
  readonly report: Report;
  readonly settings: DiscoverySettings;
  // Both of StateDeps and RepairDeps.
  readonly shards: RepairDeps['shards'];
}

/**
 * @param from first shard to look at
 * @param deadline milliseconds since 1970 after which no further shard is begun; one always is, or runs that follow one
 *   another would never end
 * @returns the summary, and the shard to go on with when the time did not suffice
 * @throws what AWS answers when the cluster cannot be looked at
 */
export async function resyncCluster(
  deps: ResyncDeps,
  cluster: string,
  request: ResyncRequest,
  from: number,
  deadline: number,
): Promise<{ readonly summary: ClusterSummary; readonly next?: number }> {
  const began = deps.clock.now();
  const state = await readClusterState(deps, cluster, request);
  const summary = new Summing(cluster);
  summary.problem(...state.problems);
  for (const read of state.reads.values()) {
    for (const { taskId, targets } of entriesOf(read).values()) summary.published(taskId, targets.length);
  }
  const run = new ClusterRun(deps, cluster, request, state, summary, began);
  const next = await run.all(from, deadline);
  const result = summary.result();
  if (!request.dryRun) count(deps.report, result, isWhole(request) && next === undefined);
  return { summary: result, ...(next !== undefined && { next }) };
}

function count(report: Report, { cluster, ...result }: ClusterSummary, isComplete: boolean): void {
  report.count(METRICS.drift, result.added + result.updated + result.removed, { cluster });
  report.count(METRICS.held, result.removalsHeld, { cluster });
  report.count(METRICS.problems, result.problems.length + result.moreProblems, { cluster });
  if (isComplete) report.count(METRICS.targets, result.targets, { cluster });
}

/** ECS shows it as running, and something selects it. */
const isConfirmed = ({ look }: ComparedTask): boolean => look.observation.kind === 'offers';

class ClusterRun {
  readonly #deps: ResyncDeps;
  readonly #cluster: string;
  readonly #request: ResyncRequest;
  readonly #state: ClusterState;
  readonly #summary: Summing;
  /** When the look began, in milliseconds since 1970. */
  readonly #began: number;
  readonly #misplaced: ReadonlyMap<number, readonly TaskId[]>;
  readonly #compared = new Map<number, readonly ComparedTask[]>();

  constructor(
    deps: ResyncDeps,
    cluster: string,
    request: ResyncRequest,
    state: ClusterState,
    summary: Summing,
    began: number,
  ) {
    this.#deps = deps;
    this.#cluster = cluster;
    this.#request = request;
    this.#state = state;
    this.#summary = summary;
    this.#began = began;
    this.#misplaced = misplacedTasks(state.reads, deps.settings.shards);
  }

  /** @returns the shard to go on with when the time did not suffice */
  async all(from: number, deadline: number): Promise<number | undefined> {
    const numbers = [...this.#state.reads.keys()].filter((shard) => shard >= from);
    for (const shard of numbers)
      this.#compared.set(
        shard,
        await this.#compare(shard, this.#state.taskIds.get(shard) ?? [], this.#state.reads.get(shard), this.#began),
      );
    for (const compared of this.#compared.values()) {
      for (const task of compared) {
        this.#summary.looked(task);
        if (!this.#request.dryRun) reportRejections(this.#deps.report, this.#cluster, task.look);
      }
    }
    const isHeld = this.#holdsRemovals();
    const removals = isHeld ? [] : [...this.#compared.values()].flat().filter(isRemoval);
    const judged = new Set(removals.map(({ look }) => look.taskId));
    const calm: ComparedShard[] = [];
    let begun = 0;
    for (const shard of numbers) {
      const differing = (this.#compared.get(shard) ?? []).filter(
        (task) => differs(task) && !(isHeld && !isConfirmed(task)),
      );
      const isBroken = needsRepair(this.#state.reads.get(shard) as Parameters<typeof needsRepair>[0]);
      if (this.#request.dryRun) for (const task of differing) this.#summary.announced(task, false);
      else if (differing.length === 0 && !isBroken)
        calm.push(...this.#comparedWord(shard, isHeld, versionOf(this.#state.reads.get(shard))));
      else if (begun++ > 0 && this.#deps.clock.now() >= deadline) return shard;
      else await this.#correct(shard, differing, isBroken, judged, isHeld);
    }
    if (this.#request.dryRun) return undefined;
    await this.#say({ compared: calm });
    await this.#moveMisplaced(judged);
    return undefined;
  }

  #known(published: Known['published']): Known {
    const misplaced = new Set([...this.#misplaced.values()].flat());
    return { published, instances: this.#state.instances, listed: this.#state.listed, misplaced };
  }

  /** @param since how old an answer of Cloud Map may be that selects nothing, in milliseconds since 1970 */
  #compare(
    shard: number,
    taskIds: readonly TaskId[],
    read = this.#state.reads.get(shard),
    since = this.#deps.clock.now(),
  ): Promise<ComparedTask[]> {
    const home = entriesOf(read);
    const elsewhere = [...this.#misplaced.keys()].map((other) => entriesOf(this.#state.reads.get(other)));
    const published = (taskId: TaskId) =>
      home.get(taskId) ?? elsewhere.find((entries) => entries.has(taskId))?.get(taskId) ?? 'nothing';
    return compareTasks(this.#deps, this.#cluster, taskIds, this.#known(published), since);
  }

  /** A task that is registered counts like one that is published: the configuration may lag behind. */
  #holdsRemovals(): boolean {
    const all = [...this.#compared.values()].flat();
    const known = all.filter(
      ({ published, look }) =>
        this.#state.instances.has(look.taskId) || (typeof published === 'object' && inScope(published, this.#request)),
    );
    const removals = known.filter((task) => isRemoval(task) || task.misregistered.length > 0).length;
    const confirmed = all.filter(isConfirmed).length;
    const published = known.length;
    const { resyncRemovalLimitPercent } = this.#deps.settings;
    const isHeld =
      !this.#request.force && tooManyRemovals({ removals, confirmed, published }, resyncRemovalLimitPercent);
    if (isHeld) this.#summary.held(all.filter(isRemoval).length);
    return isHeld;
  }

  /**
   * Looks again at the tasks that differ, so that what is announced is seconds old however long the first look took. The
   * guard has judged what the first look found, so the second one removes nothing else.
   */
  async #correct(
    shard: number,
    differing: readonly ComparedTask[],
    isBroken: boolean,
    judged: ReadonlySet<TaskId>,
    isHeld: boolean,
  ): Promise<void> {
    const ids = differing.map(({ look }) => look.taskId);
    const [read] = (await this.#deps.shards.read(this.#cluster, [shard])).values();
    const looked = await this.#compare(shard, ids, read);
    const again = looked.filter((task) => differs(task) && (!isRemoval(task) || judged.has(task.look.taskId)));
    const repaired = isBroken ? await this.#repair(shard) : undefined;
    const isUnsure = isHeld || looked.some(({ problem }) => problem !== undefined);
    // What differs was looked for in this version: a word about an earlier one would speak of changes that it lacks.
    const compared = this.#comparedWord(shard, isUnsure, repaired ?? versionOf(read));
    const changes = again.flatMap(({ change }) => change ?? []);
    const misregistered = again.flatMap((task) => task.misregistered);
    const written = repaired === undefined ? [] : [this.#writtenShard(shard, repaired.version)];
    const failed = await this.#say({ changes, misregistered, compared, written });
    for (const task of again) if (!failed.has(task.look.taskId)) this.#summary.announced(task, true);
  }

  /** @returns the new version, if there is one */
  async #repair(shard: number): Promise<ShardVersion | undefined> {
    const compared = this.#compared.get(shard) ?? [];
    const read = this.#state.reads.get(shard);
    // target-sync keeps the targets that it has until there is a shard again, so a new one must hold everything.
    if (read?.kind === 'missing') {
      const { parameter } = read;
      if (!isWhole(this.#request)) {
        this.#summary.problem(`${parameter} holds no shard: run resync for the whole cluster to rebuild it`);
        return undefined;
      }
      if (compared.some(({ problem }) => problem !== undefined)) {
        this.#summary.problem(`${parameter} is not rebuilt while some of its tasks are unknown: run resync again`);
        return undefined;
      }
    }
    const offers = async (): Promise<TaskChange[]> => {
      const looked = await this.#compare(shard, this.#state.taskIds.get(shard) ?? []);
      if (looked.some(({ problem }) => problem !== undefined)) throw new Error('some of its tasks are unknown');
      return looked.flatMap(({ statement }) => (statement?.kind === 'upsert' ? [statement] : []));
    };
    const { versions, problems } = await repairVersions(this.#deps, this.#cluster, [shard], offers);
    this.#summary.problem(...problems);
    return versions.get(shard);
  }

  /** @param judged tasks that the guard allows to be removed */
  async #moveMisplaced(judged: ReadonlySet<TaskId>): Promise<void> {
    if (this.#misplaced.size === 0 || !isWhole(this.#request)) return;
    const look = async (shard: number, taskIds: readonly TaskId[]): Promise<TaskChange[]> => {
      const looked = await this.#compare(shard, taskIds);
      const statements = looked.flatMap(({ statement }) => statement ?? []);
      return statements.filter(({ kind, taskId }) => kind === 'upsert' || judged.has(taskId));
    };
    const { shards } = this.#deps.settings;
    const { versions, problems } = await moveMisplaced(this.#deps, this.#cluster, shards, this.#misplaced, look);
    this.#summary.problem(...problems);
    await this.#say({ written: [...versions].map(([shard, { version }]) => this.#writtenShard(shard, version)) });
  }

  readonly #writtenShard = (shard: number, version: number): WrittenShard => ({
    shard,
    shards: this.#deps.settings.shards,
    version,
  });

  /** Nothing where the shard was not compared whole: some task is unknown, or removals are held back. */
  #comparedWord(shard: number, isUnsure: boolean, found: ShardVersion | undefined): ComparedShard[] {
    const isUnknown = (this.#compared.get(shard) ?? []).some(({ problem }) => problem !== undefined);
    if (found === undefined || isUnsure || isUnknown || !isWhole(this.#request)) return [];
    const { version, life } = found;
    return [{ ...this.#writtenShard(shard, version), at: toSeconds(this.#began), ...(life !== undefined && { life }) }];
  }

  /** @returns the tasks whose changes were not announced */
  async #say(what: Partial<Parameters<Announcer['announce']>[0][number]>): Promise<ReadonlySet<TaskId>> {
    const { announcer, settings } = this.#deps;
    const { changes = [], misregistered = [], compared = [], written = [] } = what;
    if (changes.length + misregistered.length + compared.length + written.length === 0) return new Set();
    const failed = await announcer.announce([
      { deployment: settings.deployment, cluster: this.#cluster, changes, misregistered, compared, written },
    ]);
    for (const { part, error } of failed) {
      const about = part.changes.length > 0 ? `${part.changes.length} changes were` : 'The comparison was';
      this.#summary.problem(`${about} not announced: ${describeError(error)}`);
    }
    return new Set(failed.flatMap(({ part }) => part.changes.map(({ taskId }) => taskId)));
  }
}

const versionOf = (read: ShardRead | undefined): ShardVersion | undefined =>
  read?.kind === 'shard' ? { version: read.version, life: read.shard.life } : undefined;
