/**
 * A cluster as it is, its shards as SSM keeps them, and one target-sync or two that share the shards, which hear and read of
 * both in any order, with what was written, read, compared and restarted as a test decides.
 */
import { systemFiles } from '../../../containers/target-sync/files/file-system.ts';
import { createStateFiles } from '../../../containers/target-sync/files/state-files.ts';
import { ClusterTargets } from '../../../containers/target-sync/sync/cluster-targets.ts';
import { statements } from '../../../containers/target-sync/sync/known-configuration.ts';
import type { ShardState } from '../../../containers/target-sync/sync/shard-state.ts';
import type { TaskChange } from '../../../functions/discovery/change/change.ts';
import { isNewer } from '../../../functions/discovery/change/order.ts';
import { applyChanges, EMPTY_SHARD, forgetRemovals, type Shard } from '../../../functions/discovery/shard/shard.ts';
import { shardOfTask } from '../../../functions/discovery/shard/shard-of-task.ts';
import type { TaskId } from '../../../functions/discovery/task/task.ts';
import { deselect, NOW, stop, taskId, upsert } from './statements.ts';

/** Seconds for which a read may show what was there before. */
const SSM_LAG = 10;
/** Seconds for which a read may show a parameter as it was before it was deleted and made again. */
const DELETION_LAG = 30;
/** Seconds for which an observation of a task that runs is believed. */
const BELIEVED = 30;

interface Version {
  readonly shard: Shard;
  readonly at: number;
}

/** A target-sync, and what it was told. */
interface Collector {
  readonly number: number;
  known: ClusterTargets;
  /** Stops that were heard: those tasks never come back. */
  readonly stopped: Set<TaskId>;
  /** The newest statement about each task that was heard or read. */
  readonly told: Map<TaskId, TaskChange>;
  /** Tasks that stopped and were in a file and are in none any more, not for a deselection: they never come back either. */
  readonly gone: Set<TaskId>;
}

export class ClusterModel {
  now = NOW;
  shards = 2;
  readonly statements = new Map<TaskId, TaskChange[]>();
  /** Versions of each parameter, from 1. */
  readonly parameters = new Map<number, Version[]>([0, 1].map((shard) => [shard, [{ shard: EMPTY_SHARD, at: 0 }]]));
  /** They share the shards: shard s is of number s modulo their count. */
  readonly collectors: Collector[];
  /** What the file of each shard shows: written where target-sync says that it changes. */
  files = new Map<number, readonly TaskId[]>();
  /** Tasks that were in a file, and of which nothing was ever said but that they run. */
  readonly seen = new Set<TaskId>();

  /** Parameters as they were when they were deleted last. */
  readonly #past = new Map<number, { readonly versions: readonly Version[]; readonly endedAt: number }>();
  /** What is known of each shard, as it was written before its file. */
  #saved = new Map<number, ShardState>();
  /** How many files, of states and of targets, are written before the process that writes them ends. */
  #writes = Number.POSITIVE_INFINITY;
  #lives = 0;
  /** Shards that tasks were moved into, and that were not read since. */
  readonly #movedInto = new Set<number>();

  /** @param collectors how many share the shards */
  constructor(collectors = 1) {
    this.collectors = [...Array(collectors).keys()].map((number) => ({
      number,
      known: this.#process(number, collectors, this.shards),
      stopped: new Set(),
      told: new Map(),
      gone: new Set(),
    }));
  }

  readonly #process = (number: number, count: number, shards: number): ClusterTargets =>
    new ClusterTargets(shards, (shard) => shard % count === number);

  /** The collector that has a shard. */
  of(shard: number): Collector {
    return this.collectors[shard % this.collectors.length] as Collector;
  }

  newest = (id: TaskId): TaskChange | undefined => this.statements.get(id)?.at(-1);

  happen(number: number, kind: 'upsert' | 'stop' | 'deselect'): void {
    const id = taskId(number);
    const before = this.statements.get(id) ?? [];
    if (before.at(-1)?.kind === 'stop') return;
    const version = before.length + 1;
    const make = {
      upsert: () => upsert(number, version, this.now, 3000 + version),
      stop: () => stop(number, version, this.now),
      deselect: () => deselect(number, version, this.now),
    };
    this.statements.set(id, [...before, make[kind]()]);
    if (kind !== 'upsert') this.seen.delete(id);
  }

  /** @param to the collector that hears of it; undefined: all of them */
  async hear(change: TaskChange | undefined, to?: number): Promise<void> {
    if (!change || (change.kind !== 'stop' && this.now - change.observed > BELIEVED)) return;
    for (const it of this.collectors) {
      if (to !== undefined && it.number !== to % this.collectors.length) continue;
      tell(it, change);
      if (!this.publish(it, ...it.known.hear(change, this.now * 1000))) await this.#hearAgain(it, change);
      if (change.kind === 'stop') it.stopped.add(change.taskId);
    }
  }

  /** SQS delivers a message again that a process had in hand when it ended, and only a stop is believed then. */
  async #hearAgain(it: Collector, change: TaskChange): Promise<void> {
    await this.#begin(it, this.shards);
    const home = shardOfTask(change.taskId, this.shards);
    if (change.kind === 'stop') this.publish(it, ...it.known.hear(change, this.now * 1000));
    else if (this.of(home) === it) await this.read(home);
  }

  store(change: TaskChange | undefined, shard = change && shardOfTask(change.taskId, this.shards)): void {
    const versions = this.parameters.get(shard ?? -1);
    const before = versions?.at(-1);
    if (!change || !versions || !before) return;
    // The store looks at ECS before it adds what was observed long ago.
    const isLooked = change.kind === 'upsert' && this.now - change.observed > BELIEVED;
    if (isLooked && this.newest(change.taskId)?.kind !== 'upsert') return;
    const after = applyChanges(before.shard, [change]);
    if (after.tasks.get(change.taskId) !== before.shard.tasks.get(change.taskId)) {
      const life = before.shard.life ?? `life ${this.#lives++}`;
      versions.push({ shard: { ...forgetRemovals(after, this.now), life }, at: this.now });
    }
  }

  /**
   * @param behind how many versions SSM lags, if it still may
   * @param isPast whether it shows a parameter as it was before its deletion, if it still may
   */
  async read(shard: number, behind = 0, isPast = false): Promise<void> {
    const now = this.parameters.get(shard);
    if (!now) return;
    const past = this.#past.get(shard);
    const versions = isPast && past && this.now - past.endedAt < DELETION_LAG ? past.versions : now;
    let number = versions.length;
    let left = behind;
    while (left > 0 && number > 1 && this.now - (versions[number - 1]?.at ?? 0) < SSM_LAG) {
      number -= 1;
      left -= 1;
    }
    if (number === now.length && versions === now) this.#movedInto.delete(shard);
    const read = { version: number, shard: versions[number - 1]?.shard ?? EMPTY_SHARD };
    const it = this.of(shard);
    for (const change of statements(read.shard)) tell(it, change);
    const { others } = it.known.read(shard, read, this.now * 1000);
    if (this.publish(it, ...others, shard)) return;
    await this.#begin(it, this.shards);
    await this.read(shard, behind, isPast);
  }

  /** The parameter is deleted and made again, and written so often that its versions may pass those of before. */
  reset(shard: number, written: number): void {
    const before = this.parameters.get(shard);
    if (!before) return;
    this.#past.set(shard, { versions: before, endedAt: this.now });
    const named = { shard: { ...EMPTY_SHARD, life: `life ${this.#lives++}` }, at: this.now };
    const versions = Array.from({ length: written }, () => named);
    this.parameters.set(shard, [{ shard: EMPTY_SHARD, at: this.now }, ...versions]);
  }

  /** Resync: what differs is announced, also of a task that stands in another shard, then that the shard was compared. */
  async compare(shard: number): Promise<void> {
    const newest = this.parameters.get(shard)?.at(-1)?.shard;
    const version = this.parameters.get(shard)?.length;
    if (!newest || version === undefined) return;
    // What a shard holds was observed seconds before it could be read there.
    this.now += 1;
    for (const [id, all] of this.statements) {
      const truth = all.at(-1);
      if (!truth || shardOfTask(id, this.shards) !== shard) continue;
      const isStored = [...this.parameters.values()].some((versions) => versions.at(-1)?.shard.tasks.has(id));
      const isRight = truth.kind === 'upsert' ? newest.tasks.get(id)?.targets === truth.targets : !isStored;
      if (!isRight) await this.hear({ ...truth, observed: this.now });
    }
    const life = newest.life === undefined ? {} : { life: newest.life };
    this.of(shard).known.compared({ shard, shards: this.shards, version, at: this.now, ...life }, this.now * 1000);
  }

  /**
   * Resync moves what stands in the wrong shard: into its own first. Then it waits until another collector, whose shard that
   * may be, has read it.
   */
  async move(): Promise<void> {
    for (const [shard, versions] of this.parameters) {
      for (const [id, { targets, observed }] of versions.at(-1)?.shard.tasks ?? []) {
        const home = shardOfTask(id, this.shards);
        if (home === shard) continue;
        this.#movedInto.add(home);
        const known = this.newest(id);
        this.store(
          known?.kind === 'upsert'
            ? { kind: 'upsert', taskId: id, version: targets.version, observed, targets }
            : known,
        );
        if (this.of(home) !== this.of(shard)) await this.read(home);
        const left = versions.at(-1)?.shard ?? EMPTY_SHARD;
        versions.push({
          shard: { ...left, tasks: new Map([...left.tasks].filter(([other]) => other !== id)) },
          at: this.now,
        });
      }
    }
  }

  /**
   * Another process on the same volume, with another number of shards if the settings changed. Until they change again
   * target-sync has read what was moved: a task that moves there and back unseen is missing until resync has moved it
   * (docs/decisions/shard-of-task.md). Nor can one collector take up what another one knew of a shard that is gone.
   */
  async restart(wanted: number): Promise<void> {
    const shards = this.collectors.length > 1 ? Math.max(wanted, this.shards) : wanted;
    const former = [...Array(this.shards).keys()];
    if (shards !== this.shards) {
      for (const shard of this.#movedInto) await this.read(shard);
      // A deployment takes longer than SSM lags.
      this.now += 60;
    }
    this.shards = shards;
    for (const shard of former) if (shard >= shards) this.parameters.delete(shard);
    for (const shard of Array(shards).keys()) {
      if (!this.parameters.has(shard)) this.parameters.set(shard, [{ shard: EMPTY_SHARD, at: this.now }]);
    }
    for (const it of this.collectors) await this.#begin(it, shards);
    for (const shard of former) {
      if (shard < shards) continue;
      this.files.delete(shard);
      this.#saved.delete(shard);
    }
  }

  /** The process that writes next ends after so many files, of states and of targets; another one goes on with those. */
  crash(writes: number): void {
    this.#writes = writes;
  }

  /** A process that takes up what another one left. */
  async #begin(it: Collector, shards: number): Promise<void> {
    this.#writes = Number.POSITIVE_INFINITY;
    const known = this.#process(it.number, this.collectors.length, shards);
    const own = [...this.#saved].filter(([shard]) => this.of(shard) === it);
    const states = await Promise.all(own.map(async ([shard, state]) => [shard, await throughFile(state)] as const));
    for (const [shard, state] of states) if (shard < shards) known.restore(shard, state);
    for (const [shard, state] of states) if (shard >= shards) known.adopt(state, this.now * 1000);
    it.known = known;
    this.publish(it, ...[...Array(shards).keys()].reverse().filter((shard) => this.of(shard) === it));
  }

  /** New tasks of ECS, whose volumes are empty. */
  replace(): void {
    this.#writes = Number.POSITIVE_INFINITY;
    this.files = new Map();
    this.#saved = new Map();
    this.seen.clear();
    for (const it of this.collectors) {
      it.known = this.#process(it.number, this.collectors.length, this.shards);
      for (const all of [it.told, it.stopped, it.gone]) all.clear();
    }
  }

  /** @returns false where the process ended before all was written */
  publish(it: Collector, ...shards: number[]): boolean {
    const before = this.#shownBy(it);
    for (const shard of shards) {
      const targets = it.known.targets(shard);
      if (!targets) continue;
      if (this.#writes-- <= 0) return false;
      this.#saved.set(shard, it.known.state(shard));
      if (this.#writes-- <= 0) return false;
      this.files.set(shard, targets.map(({ taskId: id }) => id).sort());
    }
    const after = this.#shownBy(it);
    for (const id of before) {
      const isOver = this.newest(id)?.kind === 'stop' && it.told.get(id)?.kind !== 'deselect';
      if (!after.includes(id) && isOver) it.gone.add(id);
    }
    for (const id of after) if (this.statements.get(id)?.every(({ kind }) => kind === 'upsert')) this.seen.add(id);
    return true;
  }

  #shownBy(it: Collector): TaskId[] {
    return [...this.files].flatMap(([shard, all]) => (this.of(shard) === it ? all : []));
  }

  /** Tasks that are shown again although they are over. */
  back(): TaskId[] {
    return this.collectors.flatMap((it) => this.#shownBy(it).filter((id) => it.stopped.has(id) || it.gone.has(id)));
  }

  shown = (): TaskId[] => [...new Set([...this.files.values()].flat())].sort();
}

function tell({ told }: Collector, change: TaskChange): void {
  const before = told.get(change.taskId);
  if (!before || isNewer(change, before)) told.set(change.taskId, change);
}

/** A state as it is after it was written and read. */
async function throughFile(state: ShardState): Promise<ShardState> {
  let text = '';
  const files = createStateFiles(
    {
      ...systemFiles,
      open: (async () => ({
        writeFile: async (content: string) => {
          text = content;
        },
        chmod: async () => {},
        sync: async () => {},
        close: async () => {},
      })) as never,
      rename: async () => {},
      readFile: (async () => text) as never,
    },
    '/state',
  );
  await files.save('prod', 0, state);
  return (await files.load('prod', 0)) as ShardState;
}
