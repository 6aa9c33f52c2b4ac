/**
 * A cluster as it is, its shards as SSM keeps them, and a target-sync that hears and reads of both in any order, with what
 * was written, read, compared and restarted as a test decides.
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
/** Seconds for which an observation of a task that runs is believed. */
const BELIEVED = 30;

interface Version {
  readonly shard: Shard;
  readonly at: number;
}

export class ClusterModel {
  now = NOW;
  shards = 2;
  readonly statements = new Map<TaskId, TaskChange[]>();
  /** Versions of each parameter, from 1. */
  readonly parameters = new Map<number, Version[]>([0, 1].map((shard) => [shard, [{ shard: EMPTY_SHARD, at: 0 }]]));
  known = new ClusterTargets(2);
  /** What the file of each shard shows: written where target-sync says that it changes. */
  files = new Map<number, readonly TaskChange['taskId'][]>();
  /** Stops that were heard: those tasks never come back. */
  readonly stopped = new Set<TaskId>();
  /** The newest statement about each task that was heard or read. */
  readonly told = new Map<TaskId, TaskChange>();
  /** Tasks that stopped and were in a file and are in none any more, not for a deselection: they never come back either. */
  readonly gone = new Set<TaskId>();
  /** Tasks that were in a file, and of which nothing was ever said but that they run. */
  readonly seen = new Set<TaskId>();

  #lives = 0;
  /** Shards that tasks were moved into, and that were not read since. */
  readonly #movedInto = new Set<number>();

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

  hear(change: TaskChange | undefined): void {
    if (!change || (change.kind !== 'stop' && this.now - change.observed > BELIEVED)) return;
    if (change.kind === 'stop') this.stopped.add(change.taskId);
    this.#tell(change);
    this.publish(...this.known.hear(change, this.now * 1000));
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

  /** @param behind how many versions SSM lags, if it still may */
  read(shard: number, behind = 0): void {
    const versions = this.parameters.get(shard);
    if (!versions) return;
    let number = versions.length;
    while (behind > 0 && number > 1 && this.now - (versions[number - 1]?.at ?? 0) < SSM_LAG) {
      number -= 1;
      behind -= 1;
    }
    if (number === versions.length) this.#movedInto.delete(shard);
    const read = { version: number, shard: versions[number - 1]?.shard ?? EMPTY_SHARD };
    for (const change of statements(read.shard)) this.#tell(change);
    const { others } = this.known.read(shard, read, this.now * 1000);
    this.publish(...others, shard);
  }

  #tell(change: TaskChange): void {
    const before = this.told.get(change.taskId);
    if (!before || isNewer(change, before)) this.told.set(change.taskId, change);
  }

  /** The parameter is deleted and made again, and written so often that its versions may pass those of before. */
  reset(shard: number, written: number): void {
    if (!this.parameters.has(shard)) return;
    const named = { shard: { ...EMPTY_SHARD, life: `life ${this.#lives++}` }, at: this.now };
    const versions = Array.from({ length: written }, () => named);
    this.parameters.set(shard, [{ shard: EMPTY_SHARD, at: this.now }, ...versions]);
  }

  /** Resync: what differs is announced, also of a task that stands in another shard, then that the shard was compared. */
  compare(shard: number): void {
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
      if (!isRight) this.hear({ ...truth, observed: this.now });
    }
    const life = newest.life === undefined ? {} : { life: newest.life };
    this.known.compared({ shard, shards: this.shards, version, at: this.now, ...life }, this.now * 1000);
  }

  /** Resync moves what stands in the wrong shard: into its own first. */
  move(): void {
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
   * (docs/decisions/shard-of-task.md).
   */
  async restart(shards: number): Promise<void> {
    const former = [...Array(this.shards).keys()];
    if (shards !== this.shards) {
      for (const shard of this.#movedInto) this.read(shard);
      // A deployment takes longer than SSM lags.
      this.now += 60;
    }
    const states = new Map<number, ShardState>();
    for (const shard of former) {
      if (this.known.targets(shard)) states.set(shard, await throughFile(this.known.state(shard)));
    }
    this.known = new ClusterTargets(shards);
    for (const [shard, state] of states) if (shard < shards) this.known.restore(shard, state);
    for (const [shard, state] of states) if (shard >= shards) this.known.adopt(state, this.now * 1000);
    this.shards = shards;
    for (const shard of former) if (shard >= shards) this.parameters.delete(shard);
    for (const shard of Array(shards).keys()) {
      if (!this.parameters.has(shard)) this.parameters.set(shard, [{ shard: EMPTY_SHARD, at: this.now }]);
    }
    this.publish(...[...Array(shards).keys()].reverse());
    for (const shard of former) if (shard >= shards) this.files.delete(shard);
  }

  /** A new task of ECS, whose volume is empty. */
  replace(): void {
    this.known = new ClusterTargets(this.shards);
    this.files = new Map();
    this.told.clear();
    this.seen.clear();
    this.stopped.clear();
    this.gone.clear();
  }

  publish(...shards: number[]): void {
    const before = this.shown();
    for (const shard of shards) {
      const targets = this.known.targets(shard);
      if (targets) this.files.set(shard, targets.map((it) => it.taskId).sort());
    }
    const after = this.shown();
    for (const id of before) {
      const isOver = this.newest(id)?.kind === 'stop' && this.told.get(id)?.kind !== 'deselect';
      if (!after.includes(id) && isOver) this.gone.add(id);
    }
    for (const id of after) if (this.statements.get(id)?.every(({ kind }) => kind === 'upsert')) this.seen.add(id);
  }

  shown = (): TaskId[] => [...new Set([...this.files.values()].flat())].sort();
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
