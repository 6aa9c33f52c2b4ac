/** What target-sync knows of one cluster: the configuration that it read, and over it the changes that it heard of. */
import { COMPARED_LAG_SECONDS, type ComparedShard } from '../../../functions/discovery/change/announcement.ts';
import type { Stamp, TaskChange } from '../../../functions/discovery/change/change.ts';
import { isNewer } from '../../../functions/discovery/change/order.ts';
import {
  applyChanges,
  EMPTY_SHARD,
  knownStamp,
  type Shard,
  stampOf,
} from '../../../functions/discovery/shard/shard.ts';
import { shardOfTask } from '../../../functions/discovery/shard/shard-of-task.ts';
import type { TaskTargets } from '../../../functions/discovery/target/task-targets.ts';
import type { TaskId } from '../../../functions/discovery/task/task.ts';

/** A shard of the configuration as it was read: the version that counts, and what it holds. */
export interface Configuration {
  readonly version: number;
  readonly shard: Shard;
}

/** A change that was heard of, and when, in milliseconds since 1970 by the clock of this host. */
export interface HeardChange {
  readonly change: TaskChange;
  readonly heardAt: number;
}

/** What is known of one shard, as it survives a restart. */
export interface ShardState {
  readonly configuration: Configuration | undefined;
  /** Changes of tasks that belong in the shard. */
  readonly heard: readonly HeardChange[];
}

/**
 * How long a removal is remembered that no configuration shows any more, in milliseconds: an older statement about the
 * task may still be on its way.
 */
export const REMOVAL_MEMORY = 60 * 60_000;

/** Milliseconds after which a lower version that is still all there is is not the past: SSM is consistent within seconds. */
export const LAG = 30_000;

/**
 * A change leaves by evidence, not by the clock: a configuration that holds it or something later, a later change of the
 * task, or resync's word that the shard was compared after the change was observed. That a configuration lacks a task is
 * no evidence that its stop was stored, so removals stay for an hour, and for as long as a configuration shows the task.
 */
export class ClusterTargets {
  readonly #shards: number;
  readonly #configurations = new Map<number, Configuration>();
  readonly #heard = new Map<TaskId, HeardChange>();
  /** The last comparison that resync made of each shard. */
  readonly #compared = new Map<number, ComparedShard>();
  /** Since when a shard is only read at lower versions, in milliseconds since 1970. */
  readonly #lowerSince = new Map<number, number>();

  /** @param shards how many shards the cluster has */
  constructor(shards: number) {
    this.#shards = shards;
  }

  home(taskId: TaskId): number {
    return shardOfTask(taskId, this.#shards);
  }

  version(shard: number): number | undefined {
    return this.#configurations.get(shard)?.version;
  }

  restore(shard: number, { configuration, heard }: ShardState): void {
    if (configuration) this.#configurations.set(shard, configuration);
    for (const it of heard) this.#heard.set(it.change.taskId, it);
  }

  state(shard: number): ShardState {
    return {
      configuration: this.#configurations.get(shard),
      heard: [...this.#heard.values()].filter(({ change }) => this.home(change.taskId) === shard),
    };
  }

  /** The newest statement about a task, wherever it comes from. */
  newest(taskId: TaskId): Stamp | undefined {
    const stamps = [...this.#configurations.values()].flatMap(({ shard }) => knownStamp(shard, taskId) ?? []);
    const heard = this.#heard.get(taskId)?.change;
    return [...stamps, ...(heard ? [heard] : [])].reduce<Stamp | undefined>(
      (newest, it) => (newest && !isNewer(it, newest) ? newest : it),
      undefined,
    );
  }

  /**
   * @returns the shards whose targets may be others now: the one that the task belongs in, and one where it stands since the
   *   number of shards was another
   */
  hear(change: TaskChange, heardAt: number): number[] {
    const { taskId } = change;
    const newest = this.newest(taskId);
    if (newest && !isNewer(change, newest)) return [];
    this.#heard.set(taskId, { change, heardAt });
    const elsewhere = [...this.#configurations].filter(([, { shard }]) => shard.tasks.has(taskId)).map(([it]) => it);
    return [...new Set([this.home(taskId), ...elsewhere])];
  }

  /**
   * Takes a configuration that was read.
   *
   * ```
   * its version is:   new or the same   lower                       lower for longer than SSM lags, and resync compared it
   *                   replaces          adds and removes only       replaces
   * ```
   *
   * SSM is eventually consistent, so a lower version may be the past. A parameter that was deleted and made again also has
   * lower versions, and what it lacks may run all the same: only resync can say.
   *
   * @param now milliseconds since 1970 by the clock of this host
   * @returns `lower` where it has to be read again soon
   */
  read(shard: number, read: Configuration, now: number): 'current' | 'lower' {
    const known = this.#configurations.get(shard);
    const isLower = known !== undefined && read.version < known.version;
    if (!isLower || this.#isRestarted(shard, known, read, now)) {
      this.#configurations.set(shard, read);
      this.#lowerSince.delete(shard);
    } else {
      if (!this.#lowerSince.has(shard)) this.#lowerSince.set(shard, now);
      this.#configurations.set(shard, {
        version: known.version,
        shard: applyChanges(known.shard, statements(read.shard)),
      });
    }
    this.#dropContained(shard);
    this.#dropCompared(shard);
    return this.#lowerSince.has(shard) ? 'lower' : 'current';
  }

  #isRestarted(shard: number, known: Configuration, read: Configuration, now: number): boolean {
    const word = this.#compared.get(shard);
    const since = this.#lowerSince.get(shard);
    return (
      word !== undefined &&
      word.version < known.version &&
      read.version >= word.version &&
      since !== undefined &&
      now - since >= LAG
    );
  }

  #dropContained(shard: number): void {
    const configuration = this.#configurations.get(shard);
    if (!configuration) return;
    for (const [taskId, { change }] of this.#heard) {
      if (change.kind !== 'upsert' || this.home(taskId) !== shard) continue;
      const stamp = knownStamp(configuration.shard, taskId);
      if (stamp && !isNewer(change, stamp)) this.#heard.delete(taskId);
    }
  }

  /** Resync compared a shard: what it did not find, and was observed well before, is not there. */
  compared(word: ComparedShard): void {
    const known = this.#compared.get(word.shard);
    if (word.shards !== this.#shards || (known && known.at > word.at)) return;
    this.#compared.set(word.shard, word);
    this.#dropCompared(word.shard);
  }

  #dropCompared(shard: number): void {
    const word = this.#compared.get(shard);
    const version = this.version(shard);
    if (!word || version === undefined || version < word.version || this.#lowerSince.has(shard)) return;
    for (const [taskId, { change }] of this.#heard) {
      if (change.kind !== 'upsert' || this.home(taskId) !== shard) continue;
      if (change.observed < word.at - COMPARED_LAG_SECONDS) this.#heard.delete(taskId);
    }
  }

  /** Forgets removals whose time has passed and that no configuration contradicts. @param now milliseconds since 1970 */
  forget(now: number): void {
    for (const [taskId, { change, heardAt }] of this.#heard) {
      if (change.kind === 'upsert' || now - heardAt < REMOVAL_MEMORY) continue;
      const isShown = [...this.#configurations.values()].some(({ shard }) => shard.tasks.has(taskId));
      if (!isShown) this.#heard.delete(taskId);
    }
  }

  /** What the file of a shard shows; undefined while nothing is known of the shard. */
  targets(shard: number): TaskTargets[] | undefined {
    const { shard: configured } = this.#configurations.get(shard) ?? { shard: EMPTY_SHARD };
    const shown = [...configured.tasks.values()].filter((it) => {
      const change = this.#heard.get(it.targets.taskId)?.change;
      // A task that stands in a shard of before stays there until resync has moved it: twice rather than not at all.
      const isReplaced = change && (change.kind !== 'upsert' || this.home(change.taskId) === shard);
      return !(isReplaced && isNewer(change, stampOf(it)));
    });
    const known = new Set(shown.map(({ targets }) => targets.taskId));
    const added = [...this.#heard.values()].flatMap(({ change }) => {
      if (change.kind !== 'upsert' || this.home(change.taskId) !== shard || known.has(change.taskId)) return [];
      const removal = configured.removed.get(change.taskId);
      return removal && !isNewer(change, removal) ? [] : [change.targets];
    });
    if (!this.#configurations.has(shard) && added.length === 0) return undefined;
    return [...shown.map(({ targets }) => targets), ...added];
  }

  /** Targets of all shards, for people. */
  count(): number {
    return [...this.#configurations.keys()].reduce(
      (sum, shard) => sum + (this.targets(shard) ?? []).reduce((some, { targets }) => some + targets.length, 0),
      0,
    );
  }
}

/** What a shard says, statement by statement. */
function* statements({ tasks, removed }: Shard): Generator<TaskChange> {
  for (const [taskId, { targets, observed }] of tasks) {
    yield { kind: 'upsert', taskId, version: targets.version, observed, targets };
  }
  for (const [taskId, removal] of removed) yield { ...removal, taskId };
}
