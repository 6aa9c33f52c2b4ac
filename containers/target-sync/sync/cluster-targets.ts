/** What target-sync knows of one cluster: the configuration that it read, and over it the changes that it heard of. */
import { COMPARED_LAG_SECONDS, type ComparedShard } from '../../../functions/discovery/change/announcement.ts';
import type { TaskChange } from '../../../functions/discovery/change/change.ts';
import { isNewer } from '../../../functions/discovery/change/order.ts';
import { knownStamp } from '../../../functions/discovery/shard/shard.ts';
import type { TaskTargets } from '../../../functions/discovery/target/task-targets.ts';
import type { TaskId } from '../../../functions/discovery/task/task.ts';
import {
  type HeardWord,
  hasBegunAgain,
  type KnownConfiguration,
  knownConfiguration,
  LAG,
  statements,
  takeReading,
} from './known-configuration.ts';
import { KnownStatements } from './known-statements.ts';
import { followMoves, spreadRemovals } from './moved-tasks.ts';
import type { Configuration, ShardState } from './shard-state.ts';
import { shownTargets } from './shown-targets.ts';

/**
 * How long a removal is remembered that no configuration shows any more, in milliseconds: an older statement about the
 * task may still be on its way.
 */
export const REMOVAL_MEMORY = 60 * 60_000;

/**
 * A change leaves by evidence, not by the clock: a configuration that holds it or something later, a later change of the
 * task, or resync's word that the shard was compared after the change was observed. That a configuration lacks a task is
 * no evidence that its stop was stored, so removals stay for an hour, and for as long as a configuration shows the task.
 */
export class ClusterTargets {
  /** How many shards the cluster has. */
  readonly shards: number;
  readonly #owns: (shard: number) => boolean;
  readonly #known: KnownStatements;
  /** The last comparison that resync made of each shard. */
  readonly #words = new Map<number, HeardWord>();
  readonly #distrusted = new Set<number>();
  /** Shards that were known before a restart, even if only by changes that belong in another one now. */
  readonly #restored = new Set<number>();

  /**
   * @param shards how many shards the cluster has
   * @param owns which of them are this collector's
   */
  constructor(shards: number, owns: (shard: number) => boolean = () => true) {
    this.shards = shards;
    this.#owns = owns;
    this.#known = new KnownStatements(shards, owns);
  }

  home(taskId: TaskId): number {
    return this.#known.home(taskId);
  }

  /** The shards of this collector that may show a task. */
  shardsOf(taskId: TaskId): number[] {
    return this.#known.shardsOf(taskId);
  }

  /** Whether a change says nothing new. */
  knows(change: TaskChange): boolean {
    const newest = this.#known.newest(change.taskId);
    return newest !== undefined && !isNewer(change, newest);
  }

  version(shard: number): number | undefined {
    return this.#known.configurations.get(shard)?.version;
  }

  restore(shard: number, { configuration, lower, heard }: ShardState): void {
    this.#restored.add(shard);
    if (configuration) this.#known.configurations.set(shard, knownConfiguration(configuration, lower));
    for (const { change, heardAt } of heard) this.#known.restore(change, heardAt);
  }

  /** Takes what was known of a shard that does not exist any more: its tasks run all the same. */
  adopt({ configuration, lower, heard }: ShardState, now: number): void {
    for (const { change, heardAt } of heard) this.#known.adopt(change, heardAt);
    if (!configuration) return;
    for (const change of statements(knownConfiguration(configuration, lower).merged)) this.#known.adopt(change, now);
  }

  /** There is a file of the shard, and what it was made from is lost: it stays until the configuration was read. */
  distrust(shard: number): void {
    this.#distrusted.add(shard);
  }

  isDistrusted(shard: number): boolean {
    return this.#distrusted.has(shard) && !this.#known.configurations.has(shard);
  }

  state(shard: number): ShardState {
    const { configurations, heard } = this.#known;
    const known = configurations.get(shard);
    const elsewhere = [...heard.all()].filter(
      ({ change, home }) => home !== shard && change.kind !== 'upsert' && known?.merged.tasks.has(change.taskId),
    );
    return {
      configuration: known && { version: known.version, shard: known.shard },
      lower: known?.lower,
      heard: [...heard.of(shard), ...elsewhere].map(({ change, heardAt }) => ({ change, heardAt })),
    };
  }

  /** See {@link KnownStatements.hear}. */
  hear(change: TaskChange, heardAt: number): number[] {
    return this.#known.hear(change, heardAt);
  }

  /**
   * Takes a configuration that was read, see {@link takeReading}.
   *
   * @param now milliseconds since 1970 by the clock of this host
   * @returns whether it has to be read again soon, and the other shards whose targets may be others now
   */
  read(shard: number, read: Configuration, now: number): { readonly isLower: boolean; readonly others: number[] } {
    const { configurations } = this.#known;
    const before = configurations.get(shard);
    const word = this.#words.get(shard);
    const known = takeReading(before, read, word, now);
    // It spoke of what was known then: the same number may be one of another life of the parameter by now.
    if (word && known.version !== before?.version) this.#words.set(shard, { ...word, known: undefined });
    configurations.set(shard, known);
    const others = [...followMoves(this.#known, shard, before, now), ...spreadRemovals(this.#known, shard, now)];
    this.#dropContained(shard, known);
    this.#dropCompared(shard, known, now);
    if (!known.lower) this.#forget(shard, now);
    return { isLower: known.lower !== undefined, others: [...new Set(others)].filter((it) => it !== shard) };
  }

  #dropContained(shard: number, known: KnownConfiguration): void {
    for (const { change } of this.#known.heard.of(shard)) {
      const stamp = change.kind === 'upsert' ? knownStamp(known.shard, change.taskId) : undefined;
      if (stamp && !isNewer(change, stamp)) this.#known.heard.delete(change.taskId);
    }
  }

  /** Resync compared a shard. @param heardAt milliseconds since 1970 by the clock of this host */
  compared(word: ComparedShard, heardAt: number): void {
    const last = this.#words.get(word.shard);
    if (word.shards !== this.shards || (last && last.at > word.at)) return;
    const known = this.#known.configurations.get(word.shard);
    const isOfRestarted = known !== undefined && hasBegunAgain(known);
    this.#words.set(word.shard, { ...word, known: known?.version, isOfRestarted, heardAt });
  }

  /**
   * What resync did not find, and was observed well before, is not there. That is certain when the shard was read after the
   * word: the version that is known may be of a parameter that has begun again since.
   */
  #dropCompared(shard: number, known: KnownConfiguration, now: number): void {
    const word = this.#words.get(shard);
    if (!word || known.lower || known.version < word.version || now - word.heardAt < LAG) return;
    if (known.shard.life !== word.life) return;
    for (const { change } of this.#known.heard.of(shard)) {
      const isOld = change.observed < word.at - COMPARED_LAG_SECONDS;
      if (change.kind === 'upsert' && isOld) this.#known.heard.delete(change.taskId);
    }
  }

  /**
   * Forgets removals whose time has passed and that no configuration contradicts, those of a shard that was just read: as
   * long as none can be read, the store may not have heard of them either. Since the number of shards was another, a task may
   * stand in any of them, so all have to be known.
   */
  #forget(shard: number, now: number): void {
    const own = [...Array(this.shards).keys()].filter(this.#owns);
    if (!own.every((it) => this.#known.configurations.has(it))) return;
    for (const { change, heardAt, home } of [...this.#known.heard.all()]) {
      if (change.kind === 'upsert' || now - heardAt < REMOVAL_MEMORY) continue;
      if (home !== shard && this.#owns(home)) continue;
      if (this.#known.showing(change.taskId).length === 0) this.#known.heard.delete(change.taskId);
    }
  }

  /** What the file of a shard shows; undefined while nothing is known of the shard. */
  targets(shard: number): TaskTargets[] | undefined {
    if (this.isDistrusted(shard)) return undefined;
    return shownTargets(this.#known, shard) ?? (this.#restored.has(shard) ? [] : undefined);
  }
}
