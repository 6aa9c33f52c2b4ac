/** From announcements to the target configuration in SSM: takes what waits, writes the shard that waited longest, again. */
import { describeError } from '../aws/errors.ts';
import type { Announcer } from '../aws/sns.ts';
import type { QueuedMessage } from '../aws/sqs.ts';
import { type Announcement, decodeAnnouncement, MalformedAnnouncement } from '../discovery/change/announcement.ts';
import { METRICS } from '../discovery/metric-names.ts';
import { shardOfTask } from '../discovery/shard/shard-of-task.ts';
import {
  type BatchItemFailure,
  type BatchParts,
  DONE,
  failures,
  type Outcome,
  remove,
  retry,
  settle,
  takeMore,
} from '../lambda/queue-batch.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import { PendingChanges, type ShardGroup } from './pending-changes.ts';
import { type WriteDeps, type WriteResult, writeChanges } from './write-changes.ts';

export interface StoreBatchDeps extends WriteDeps, BatchParts {
  readonly announcer: Announcer;
  readonly settings: Pick<DiscoverySettings, 'deployment' | 'clusters' | 'shards'>;
}

/** Messages that one run has in hand at most, and the time that one look at the queue takes. */
const MOST_MESSAGES = 5000;
const TAKING_MILLISECONDS = 1000;
/** Who wrote a shard so shortly before a run began is at work still, in milliseconds. */
const AT_WORK = 5000;
/**
 * When a stop of a task that the shard did not hold is looked at again, in seconds. An older statement adds the task only
 * within 30 s of its observation, or after ECS was asked, and then SSM has 10 s to take it.
 */
const LOOK_AGAIN_SECONDS = 45;

/** @param deadline milliseconds since 1970 at which the messages must be settled */
export async function storeBatch(
  deps: StoreBatchDeps,
  messages: readonly QueuedMessage[],
  deadline: number,
): Promise<BatchItemFailure[]> {
  const run = new StoreRun(deps);
  run.add(messages);
  const more: QueuedMessage[] = [];
  while (deps.clock.now() < deadline) {
    const left = run.isSecond ? 0 : MOST_MESSAGES - messages.length - more.length;
    const taken = await takeMore(deps, { most: left, time: TAKING_MILLISECONDS });
    run.add(taken);
    more.push(...taken);
    if (!(await run.writeNext(deadline))) break;
    const over = run.takeSettled(more);
    const kept = new Set(await settle(deps, over, run.outcomes));
    await remove(
      deps,
      over.filter((message) => !kept.has(message)),
    );
  }
  run.giveUp();
  await run.announced();
  const kept = new Set(await settle(deps, [...messages, ...more], run.outcomes));
  await remove(
    deps,
    more.filter((message) => !kept.has(message)),
  );
  return failures(messages.filter((message) => kept.has(message)));
}

/** What one run has in hand. */
class StoreRun {
  readonly outcomes = new Map<string, Outcome>();
  /**
   * Another run is at work since before this one. The event source starts two at least (MaximumConcurrency), and when
   * many shards change, each writes the shards of its own messages: what both take is written twice. So the second one
   * does what it was given, and leaves what waits to the first.
   */
  isSecond = false;
  readonly #began: number;
  readonly #deps: StoreBatchDeps;
  readonly #pending: PendingChanges;
  /** When the queue took each message, in milliseconds since 1970. */
  readonly #sentAt = new Map<string, number>();
  readonly #notices: Promise<void>[] = [];

  constructor(deps: StoreBatchDeps) {
    this.#deps = deps;
    this.#began = deps.clock.now();
    this.#pending = new PendingChanges((taskId) => shardOfTask(taskId, deps.settings.shards));
  }

  add(messages: readonly QueuedMessage[]): void {
    for (const message of messages) {
      this.#sentAt.set(message.messageId, message.sentAt);
      const announcement = this.#read(message);
      if (announcement) this.#pending.add(message.messageId, announcement.cluster, announcement.changes);
    }
  }

  #read({ messageId, body }: QueuedMessage): Announcement | undefined {
    const { settings, report } = this.#deps;
    this.outcomes.set(messageId, DONE);
    try {
      const announcement = decodeAnnouncement(body);
      const { deployment, cluster } = announcement;
      if (deployment === settings.deployment && settings.clusters.includes(cluster)) return announcement;
      report.warn('announcement is not for this deployment', { messageId, deployment, cluster });
    } catch (error) {
      if (!(error instanceof MalformedAnnouncement)) throw error;
      this.outcomes.set(messageId, { kind: 'poison', reason: error.message });
    }
    return undefined;
  }

  /** @returns false when nothing waits */
  async writeNext(deadline: number): Promise<boolean> {
    const group = this.#pending.next();
    if (!group) return false;
    const result = await writeChanges(this.#deps, group, deadline);
    this.#note(group, result);
    this.#notices.push(this.#announce(group, result));
    return true;
  }

  /** Until SNS has answered for all new versions; no shard waits for that. */
  async announced(): Promise<void> {
    await Promise.all(this.#notices);
  }

  #note(group: ShardGroup, { update, failed, unheld }: WriteResult): void {
    const { report } = this.#deps;
    const { cluster, shard, waiting } = group;
    for (const [taskId, { messageIds }] of waiting) {
      const error = failed.get(taskId);
      for (const messageId of messageIds) {
        if (error) this.outcomes.set(messageId, retry(error));
        else if (unheld.has(taskId) && this.#isFresh(messageId) && this.outcomes.get(messageId)?.kind === 'done') {
          this.outcomes.set(messageId, { kind: 'later', seconds: LOOK_AGAIN_SECONDS });
        }
      }
    }
    const [error] = failed.values();
    if (error) {
      const problem = describeError(error);
      report.warn('shard does not hold all changes yet', { cluster, shard, failed: failed.size, problem });
    }
    const others = update?.othersWroteAt ?? 0;
    if (others < this.#began && others > this.#began - AT_WORK) this.isSecond = true;
    if (update && update.races > 0) report.count(METRICS.conflicts, update.races, { cluster });
    if (update && update.throttles > 0) report.count(METRICS.throttles, update.throttles, { cluster });
    if (!update?.written) return;
    report.count(METRICS.fullness, update.fullness, { cluster });
    const { version, fullness, races, throttles } = update;
    const tasks = update.shard.tasks.size;
    report.info('shard written', { cluster, shard, version, changes: waiting.size, tasks, fullness, races, throttles });
  }

  /** A message is looked at again once, not each time that it comes. */
  #isFresh(messageId: string): boolean {
    return this.#deps.clock.now() - (this.#sentAt.get(messageId) ?? 0) < LOOK_AGAIN_SECONDS * 1000;
  }

  /** Best effort: target-sync reads again every few minutes anyway. */
  async #announce({ cluster, shard }: ShardGroup, { update }: WriteResult): Promise<void> {
    if (!update?.written) return;
    const { announcer, report, settings } = this.#deps;
    const { deployment, shards } = settings;
    const written = [{ shard, shards, version: update.version }];
    const failed = await announcer.announce([
      { deployment, cluster, changes: [], misregistered: [], compared: [], written },
    ]);
    for (const { error } of failed)
      report.warn('new version not announced', { cluster, shard, error: describeError(error) });
  }

  /** Those of the messages for which nothing waits any more; they are no longer in the list afterwards. */
  takeSettled(messages: QueuedMessage[]): QueuedMessage[] {
    const waiting = this.#pending.messageIds();
    const over = messages.filter(({ messageId }) => !waiting.has(messageId));
    const left = messages.filter(({ messageId }) => waiting.has(messageId));
    messages.splice(0, messages.length, ...left);
    return over;
  }

  /** What still waits comes again soon. */
  giveUp(): void {
    const error = new Error('the time did not suffice');
    for (const messageId of this.#pending.messageIds()) this.outcomes.set(messageId, retry(error));
  }
}
