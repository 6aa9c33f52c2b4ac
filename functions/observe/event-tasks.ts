/** The tasks that a batch of events is about, each with all its messages. */
import type { QueuedMessage } from '../aws/sqs.ts';
import { clusterKeyOf } from '../discovery/cluster/cluster-key.ts';
import { isRunning, isStopped, MalformedTask, newer, type Task } from '../discovery/task/task.ts';
import { parseTaskEvent } from '../discovery/task/task-event.ts';
import { DONE, type Outcome, retry } from '../lambda/queue-batch.ts';
import type { Report } from '../lambda/report.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import type { Announced } from './announced.ts';

/** One task of the batch with all its messages, and the newest observation among them. */
export interface EventTask {
  readonly task: Task;
  /** What the deployment calls its cluster. */
  readonly cluster: string;
  readonly messages: readonly QueuedMessage[];
  /** When ECS says the earliest of the changes happened, in milliseconds since 1970. */
  readonly changedAt: number;
}

interface EventTasksDeps {
  readonly report: Report;
  readonly announced: Announced;
  readonly settings: Pick<DiscoverySettings, 'clusters' | 'here'>;
}

export class EventTasks {
  readonly #deps: EventTasksDeps;
  /** By ARN. */
  readonly #tasks = new Map<string, EventTask>();
  readonly #taken = new Set<string>();
  readonly #outcomes = new Map<string, Outcome>();

  constructor(deps: EventTasksDeps) {
    this.#deps = deps;
  }

  /** Parses events and brings those of one task together. */
  add(messages: readonly QueuedMessage[]): void {
    const { report, settings } = this.#deps;
    for (const message of messages) {
      const { messageId } = message;
      this.#outcomes.set(messageId, DONE);
      try {
        const { task, time } = parseTaskEvent(message.body);
        const cluster = clusterKeyOf(task.clusterArn, settings.here);
        if (!settings.clusters.includes(cluster)) {
          report.warn('task of a cluster that is not watched', { messageId, cluster, taskId: task.id });
          continue;
        }
        const known = this.#tasks.get(task.arn);
        this.#tasks.set(task.arn, {
          task: known ? newer(known.task, task) : task,
          cluster,
          messages: [...(known?.messages ?? []), message],
          changedAt: Math.min(known?.changedAt ?? time, time),
        });
      } catch (error) {
        if (!(error instanceof MalformedTask)) throw error;
        this.#outcomes.set(messageId, { kind: 'poison', reason: error.message });
      }
    }
  }

  /** Tasks that stopped after they ran, by cluster; each is handed out once, whatever is added later. */
  takeStops(): Map<string, EventTask[]> {
    return this.#take((task) => isStopped(task) && task.started);
  }

  /** Tasks that run, by cluster. */
  takeRuns(): Map<string, EventTask[]> {
    return this.#take(isRunning);
  }

  #take(concerns: (task: Task) => boolean): Map<string, EventTask[]> {
    const some = [...this.#tasks.values()].filter(
      ({ task }) => concerns(task) && !this.#taken.has(task.arn) && !this.#deps.announced.covers(task),
    );
    for (const { task } of some) this.#taken.add(task.arn);
    return Map.groupBy(some, ({ cluster }) => cluster);
  }

  /** @param failed by ARN, the tasks whose messages have to come again */
  outcomes(failed: ReadonlyMap<string, Error>): ReadonlyMap<string, Outcome> {
    for (const [arn, error] of failed) {
      for (const { messageId } of this.#tasks.get(arn)?.messages ?? []) this.#outcomes.set(messageId, retry(error));
    }
    return this.#outcomes;
  }
}
