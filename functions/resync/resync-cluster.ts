/** Resync of one cluster: look at everything, announce what differs, repair what no announcement can. */
import { needsRepair, type ShardRead } from '../aws/shard-reader.ts';
import type { Announcer } from '../aws/sns.ts';
import type { ComparedShard, WrittenShard } from '../discovery/change/announcement.ts';
import { type TaskChange, toSeconds } from '../discovery/change/change.ts';
import { METRICS } from '../discovery/metric-names.ts';
import type { TaskId } from '../discovery/task/task.ts';
import type { Report } from '../lambda/report.ts';
import { reportRejections } from '../lambda/report-rejections.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import type { ObserveDeps } from '../look-up/observe-tasks.ts';
import { type ClusterAnnouncer, createClusterAnnouncer } from './cluster-announcer.ts';
import { type ClusterState, entriesOf, isWhole, readClusterState, type StateDeps } from './cluster-state.ts';
import { type ComparedTask, differs, isRemoval, isUnclear } from './compare-tasks.ts';
import { type Comparison, createComparison } from './comparison.ts';
import { correctable, judgeRemovals, type RemovalVerdict } from './removal-verdict.ts';
import { moveMisplaced, type RepairDeps, repairVersions, type ShardVersion } from './repair-shards.ts';
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
  const run = new ClusterRun(deps, cluster, request, await readClusterState(deps, cluster, request), began);
  const next = await run.all(from, deadline);
  const summary = run.summary.result();
  if (!request.dryRun) count(deps.report, summary);
  return { summary, ...(next !== undefined && { next }) };
}

function count(report: Report, { cluster, ...result }: ClusterSummary): void {
  report.count(METRICS.drift, result.added + result.updated + result.removed, { cluster });
  report.count(METRICS.held, result.removalsHeld, { cluster });
  report.count(METRICS.problems, result.problems.length + result.moreProblems, { cluster });
  report.count(METRICS.targets, result.targets, { cluster });
}

class ClusterRun {
  readonly summary: Summing;
  readonly #deps: ResyncDeps;
  readonly #cluster: string;
  readonly #request: ResyncRequest;
  readonly #state: ClusterState;
  /** When the look began, in milliseconds since 1970. */
  readonly #began: number;
  readonly #comparison: Comparison;
  readonly #announcer: ClusterAnnouncer;

  constructor(deps: ResyncDeps, cluster: string, request: ResyncRequest, state: ClusterState, began: number) {
    this.#deps = deps;
    this.#cluster = cluster;
    this.#request = request;
    this.#state = state;
    this.#began = began;
    this.#comparison = createComparison(deps, cluster, state);
    this.summary = new Summing(cluster);
    this.summary.problem(...state.problems);
    for (const read of state.reads.values()) {
      for (const { taskId, targets } of entriesOf(read).values()) this.summary.published(taskId, targets.length);
    }
    const { deployment } = deps.settings;
    this.#announcer = createClusterAnnouncer(deps.announcer, { deployment, cluster }, (problem) =>
      this.summary.problem(problem),
    );
  }

  /** @returns the shard to go on with when the time did not suffice */
  async all(from: number, deadline: number): Promise<number | undefined> {
    const shards = [...this.#state.reads.keys()].filter((shard) => shard >= from);
    const looked = await this.#look(shards, deadline);
    const verdict = this.#judge();
    if (this.#request.dryRun) {
      for (const shard of looked) this.#rehearse(shard, verdict);
      return undefined;
    }
    const calm: ComparedShard[] = [];
    let begun = 0;
    for (const shard of looked) {
      const differing = correctable(this.#comparison.of(shard), verdict);
      const read = this.#state.reads.get(shard) as ShardRead;
      if (differing.length === 0 && !needsRepair(read)) {
        calm.push(...this.#comparedWord(shard, verdict.isHeld, versionOf(read)));
      } else if (begun++ > 0 && this.#deps.clock.now() >= deadline) return shard;
      else await this.#correct(shard, differing, needsRepair(read), verdict);
    }
    await this.#announcer.announce({ compared: calm });
    if (looked.length < shards.length) return shards[looked.length];
    await this.#moveMisplaced(verdict);
    return undefined;
  }

  /** The first look at some shards: as many as there is time for, one at least. A dry run cannot go on later, and looks at all. */
  async #look(shards: readonly number[], deadline: number): Promise<readonly number[]> {
    let count = 0;
    for (const shard of shards) {
      if (count > 0 && !this.#request.dryRun && this.#deps.clock.now() >= deadline) break;
      await this.#comparison.begin(shard, this.#began);
      count += 1;
    }
    return shards.slice(0, count);
  }

  /** Counts what would be corrected. */
  #rehearse(shard: number, verdict: RemovalVerdict): void {
    for (const task of correctable(this.#comparison.of(shard), verdict)) this.summary.announced(task, false);
    const read = this.#state.reads.get(shard) as ShardRead;
    if (needsRepair(read) && (isWhole(this.#request) || read.kind === 'shard')) this.summary.repaired(shard);
  }

  /** Says what the first look found, and which of it may be corrected. */
  #judge(): RemovalVerdict {
    const all = this.#comparison.all();
    for (const task of all) {
      this.summary.looked(task);
      if (!this.#request.dryRun) reportRejections(this.#deps.report, this.#cluster, task.look);
    }
    const { resyncRemovalLimitPercent } = this.#deps.settings;
    const verdict = judgeRemovals(all, this.#state, this.#request, resyncRemovalLimitPercent);
    if (verdict.isHeld) this.summary.held(all.filter(isRemoval).length);
    return verdict;
  }

  /**
   * Looks again at the tasks that differ, so that what is announced is seconds old however long the first look took. The
   * guard has judged what the first look found, so the second one removes nothing else.
   */
  async #correct(
    shard: number,
    differing: readonly ComparedTask[],
    isBroken: boolean,
    { isHeld, removable }: RemovalVerdict,
  ): Promise<void> {
    const taskIds = differing.map(({ look }) => look.taskId);
    const [read] = (await this.#deps.shards.read(this.#cluster, [shard])).values();
    const looked = await this.#comparison.again(shard, { taskIds, read });
    const again = looked.filter((task) => differs(task) && (!isRemoval(task) || removable.has(task.look.taskId)));
    const repaired = isBroken ? await this.#repair(shard) : undefined;
    if (repaired) this.summary.repaired(shard);
    // One list of ECS is all that a shard which held nothing was made from: who has targets that it lacks keeps them for now.
    const isUnsure = isHeld || looked.some(isUnclear) || this.#state.reads.get(shard)?.kind === 'missing';
    // What differs was looked for in this version: a word about an earlier one would speak of changes that it lacks.
    const compared = this.#comparedWord(shard, isUnsure, repaired ?? versionOf(read));
    const failed = await this.#announcer.announce({
      changes: again.flatMap(({ change }) => change ?? []),
      misregistered: again.flatMap((task) => task.misregistered),
      compared,
      written: repaired === undefined ? [] : [this.#writtenShard(shard, repaired)],
    });
    for (const task of again) if (!failed.has(task.look.taskId)) this.summary.announced(task, true);
  }

  /** @returns the new version, if there is one */
  async #repair(shard: number): Promise<ShardVersion | undefined> {
    const read = this.#state.reads.get(shard);
    // target-sync keeps the targets that it has until there is a shard again, so a new one must hold everything.
    if (read?.kind === 'missing') {
      const { parameter } = read;
      if (!isWhole(this.#request)) {
        this.summary.problem(`${parameter} holds no shard: run resync for the whole cluster to rebuild it`);
        return undefined;
      }
      if (this.#comparison.of(shard).some(isUnclear)) {
        this.summary.problem(`${parameter} is not rebuilt while some of its tasks are unknown: run resync again`);
        return undefined;
      }
    }
    const offers = async (): Promise<TaskChange[]> => {
      const looked = await this.#comparison.again(shard);
      if (looked.some(isUnclear)) throw new Error('some of its tasks are unknown');
      return looked.flatMap(({ statement }) => (statement?.kind === 'upsert' ? [statement] : []));
    };
    const { versions, problems } = await repairVersions(this.#deps, this.#cluster, [shard], offers);
    this.summary.problem(...problems);
    return versions.get(shard);
  }

  async #moveMisplaced({ removable }: RemovalVerdict): Promise<void> {
    const { misplaced } = this.#comparison;
    if (misplaced.size === 0 || !isWhole(this.#request)) return;
    const look = async (shard: number, taskIds: readonly TaskId[]): Promise<TaskChange[]> => {
      const looked = await this.#comparison.again(shard, { taskIds });
      const statements = looked.flatMap(({ statement }) => statement ?? []);
      return statements.filter(({ kind, taskId }) => kind === 'upsert' || removable.has(taskId));
    };
    const say = async (versions: ReadonlyMap<number, ShardVersion>): Promise<void> => {
      await this.#announcer.announce({ written: [...versions].map((version) => this.#writtenShard(...version)) });
    };
    this.summary.problem(...(await moveMisplaced(this.#deps, this.#cluster, misplaced, look, say)));
  }

  /** Nothing where the shard was not compared whole: some task is unknown, removals are held back, or there was no shard. */
  #comparedWord(shard: number, isUnsure: boolean, found: ShardVersion | undefined): ComparedShard[] {
    const isUnknown = this.#comparison.of(shard).some(isUnclear);
    if (found === undefined || isUnsure || isUnknown || !isWhole(this.#request)) return [];
    const { life } = found;
    const at = toSeconds(this.#began);
    return [{ ...this.#writtenShard(shard, found), at, ...(life !== undefined && { life }) }];
  }

  #writtenShard(shard: number, { version }: ShardVersion): WrittenShard {
    return { shard, shards: this.#deps.settings.shards, version };
  }
}

const versionOf = (read: ShardRead | undefined): ShardVersion | undefined =>
  read?.kind === 'shard' ? { version: read.version, life: read.shard.life } : undefined;
