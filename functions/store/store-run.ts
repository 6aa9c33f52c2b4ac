/** What one run of store has in hand: messages, the changes that wait, and what becomes of each. */
import { describeError } from '../aws/errors.ts';
import type { Announcer } from '../aws/sns.ts';
import type { QueuedMessage } from '../aws/sqs.ts';
import { METRICS } from '../discovery/metric-names.ts';
import { shardOfTask } from '../discovery/shard/shard-of-task.ts';
import { DONE, type Outcome, retry } from '../lambda/queue-batch.ts';
import { isAnnouncement, readAnnouncement } from '../lambda/read-announcement.ts';
import type { Report } from '../lambda/report.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import { PendingChanges, type ShardGroup } from './pending-changes.ts';
import { type WriteDeps, type WriteResult, writeChanges } from './write-changes.ts';

export interface StoreRunDeps extends WriteDeps {
  readonly announcer: Announcer;
  readonly report: Report;
  readonly settings: Pick<DiscoverySettings, 'deployment' | 'clusters' | 'shards'>;
}

/** Who wrote a shard so shortly before a run began is at work still, in milliseconds. */
const AT_WORK = 5000;
/**
 * When a stop of a task that the shard did not hold is looked at again, in seconds. An older statement adds the task only
 * within 30 s of its observation, or after ECS was asked, and then SSM has 10 s to take it.
 */
const LOOK_AGAIN_SECONDS = 45;

export class StoreRun {
  /** By message id. */
  readonly outcomes = new Map<string, Outcome>();
  /**
   * Another run is at work since before this one. The event source starts two at least (MaximumConcurrency), and when
   * many shards change, each writes the shards of its own messages: what both take is written twice. So the second one
   * does what it was given, and leaves what waits to the first.
   */
  isSecond = false;
  readonly #began: number;
  readonly #deps: StoreRunDeps;
  readonly #pending: PendingChanges;
  /** When the queue took each message, in milliseconds since 1970. */
  readonly #sentAt = new Map<string, number>();
  #taken: readonly QueuedMessage[] = [];
  readonly #notices: Promise<void>[] = [];

  /** @param messages the batch that Lambda handed over */
  constructor(deps: StoreRunDeps, messages: readonly QueuedMessage[]) {
    this.#deps = deps;
    this.#began = deps.clock.now();
    this.#pending = new PendingChanges((taskId) => shardOfTask(taskId, deps.settings.shards));
    this.#add(messages);
  }

  /** Messages that the run took from the queue itself and that are not settled yet. */
  get taken(): readonly QueuedMessage[] {
    return this.#taken;
  }

  /** Adds messages that the run took from the queue itself. */
  take(messages: readonly QueuedMessage[]): void {
    this.#add(messages);
    this.#taken = [...this.#taken, ...messages];
  }

  #add(messages: readonly QueuedMessage[]): void {
    for (const message of messages) {
      const { messageId } = message;
      this.#sentAt.set(messageId, message.sentAt);
      const found = readAnnouncement(this.#deps, message);
      this.outcomes.set(messageId, isAnnouncement(found) ? DONE : found);
      if (isAnnouncement(found)) this.#pending.add(messageId, found.cluster, found.changes);
    }
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

  #note(group: ShardGroup, result: WriteResult): void {
    this.#noteOutcomes(group, result);
    const others = result.update?.othersWroteAt ?? 0;
    if (others < this.#began && others > this.#began - AT_WORK) this.isSecond = true;
    reportWrite(this.#deps.report, group, result);
  }

  #noteOutcomes({ waiting }: ShardGroup, { failed, unheld }: WriteResult): void {
    for (const [taskId, { messageIds }] of waiting) {
      const error = failed.get(taskId);
      for (const messageId of messageIds) {
        if (error) this.outcomes.set(messageId, retry(error));
        else if (unheld.has(taskId) && this.#isFresh(messageId) && this.outcomes.get(messageId)?.kind === 'done') {
          this.outcomes.set(messageId, { kind: 'later', seconds: LOOK_AGAIN_SECONDS });
        }
      }
    }
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

  /** Those of {@link taken} for which nothing waits any more; they are not among it afterwards. */
  takeSettled(): readonly QueuedMessage[] {
    const waiting = this.#pending.messageIds();
    const isWaiting = ({ messageId }: QueuedMessage): boolean => waiting.has(messageId);
    const settled = this.#taken.filter((message) => !isWaiting(message));
    this.#taken = this.#taken.filter(isWaiting);
    return settled;
  }

  /** What still waits comes again soon. */
  giveUp(): void {
    const error = new Error('the time of the function was up before the change was written');
    for (const messageId of this.#pending.messageIds()) this.outcomes.set(messageId, retry(error));
  }
}

function reportWrite(report: Report, { cluster, shard, waiting }: ShardGroup, { update, failed }: WriteResult): void {
  const [error] = failed.values();
  if (error) {
    const problem = describeError(error);
    report.warn('shard does not hold all changes yet', { cluster, shard, failed: failed.size, problem });
  }
  if (!update) return;
  const { version, fullness, races, throttles } = update;
  if (races > 0) report.count(METRICS.conflicts, races, { cluster });
  if (throttles > 0) report.count(METRICS.throttles, throttles, { cluster });
  if (!update.written) return;
  report.count(METRICS.fullness, fullness, { cluster });
  const tasks = update.shard.tasks.size;
  report.info('shard written', { cluster, shard, version, changes: waiting.size, tasks, fullness, races, throttles });
}
