/** From a batch of task events to changes: which tasks to look at again, what ECS says of them, what follows. */

import type { Ecs, TaskAnswer } from '../aws/ecs.ts';
import type { ShardRead } from '../aws/shard-store.ts';
import type { Clock } from '../discovery/clock.ts';
import { METRICS } from '../discovery/metric-names.ts';
import { OBSERVATION_LIFETIME_SECONDS, STOP_MEMORY_SECONDS, sameTargets } from '../discovery/shard/shard.ts';
import { shardOfTask } from '../discovery/shard/shard-of-task.ts';
import { LABELS } from '../discovery/target/labels.ts';
import type { TaskTargets } from '../discovery/target/task-targets.ts';
import { isRunning, isStopped, MalformedTask, newer, type Task } from '../discovery/task/task.ts';
import { parseTaskEvent } from '../discovery/task/task-event.ts';
import { type ScrapingLookup, scrapingOf } from '../look-up/scraping.ts';
import { type Publishing, publish } from './publish.ts';
import { asError, type TaskChange } from './task-changes.ts';

/** A message of the queue. */
export interface EventRecord {
  readonly messageId: string;
  readonly body: string;
  /** How often SQS has handed it out, this time included. */
  readonly receiveCount: number;
}

export type RecordOutcome =
  | { readonly kind: 'done' }
  /** Could not be handled now; nothing was lost. */
  | { readonly kind: 'retry'; readonly error: Error }
  /** Will never be good. */
  | { readonly kind: 'poison'; readonly reason: string };

export type TaskChangeDeps = Publishing & { readonly ecs: Ecs; readonly scraping: ScrapingLookup };

/** One task of the batch with all its records, and the newest observation among them. */
interface Subject {
  task: Task;
  readonly records: EventRecord[];
  /** When ECS says the earliest of the changes happened, in milliseconds since 1970. */
  time: number;
}

/** After this many tries a running task that ECS does not know is taken for one that is gone. */
const MISSING_TRIES = 3;

class NotYetVisible extends Error {
  override readonly name = 'NotYetVisible';
}

/**
 * Handles a batch of "ECS Task State Change" events.
 *
 * @param deadline milliseconds since 1970 at which the Lambda should be done
 * @returns an outcome for each record, by message id
 */
export async function handleTaskEvents(
  deps: TaskChangeDeps,
  records: readonly EventRecord[],
  deadline: number,
): Promise<Map<string, RecordOutcome>> {
  const outcomes = new Map<string, RecordOutcome>(records.map(({ messageId }) => [messageId, { kind: 'done' }]));
  const settle = (subject: Subject, error: unknown): void => {
    for (const { messageId } of subject.records) outcomes.set(messageId, { kind: 'retry', error: asError(error) });
  };

  const subjects = collect(deps, records, outcomes);
  const observed = deps.clock.now();
  const changes = new Map<TaskChange, Subject>();
  await Promise.all(
    [...Map.groupBy(subjects, ({ task }) => task.cluster)].map(async ([cluster, some]) => {
      for (const { subject, result } of await decide(deps, cluster, some, observed)) {
        if (result instanceof Error) settle(subject, result);
        else if (result) changes.set(result, subject);
      }
    }),
  );
  const writable = Math.min(deadline, observed + OBSERVATION_LIFETIME_SECONDS * 1000);
  const failures = await publish(deps, [...changes.keys()], { deadline: writable });
  for (const subject of changes.values()) {
    const error = failures.get(subject.task.id);
    if (error) settle(subject, error);
  }
  return outcomes;
}

/** Parses the records and brings those of one task together; what is not for us is done at once. */
function collect(
  { report, settings }: TaskChangeDeps,
  records: readonly EventRecord[],
  outcomes: Map<string, RecordOutcome>,
): Subject[] {
  const subjects = new Map<string, Subject>();
  for (const record of records) {
    const { messageId } = record;
    try {
      const { task, time } = parseTaskEvent(record.body);
      if (!settings.clusters.includes(task.cluster)) {
        report.warn('task of a cluster that is not watched', { messageId, cluster: task.cluster, taskId: task.id });
        continue;
      }
      const subject = subjects.get(task.arn);
      if (subject) {
        subject.task = newer(subject.task, task);
        subject.time = Math.min(subject.time, time);
        subject.records.push(record);
      } else subjects.set(task.arn, { task, records: [record], time });
    } catch (error) {
      if (!(error instanceof MalformedTask)) throw error;
      outcomes.set(messageId, { kind: 'poison', reason: error.message });
    }
  }
  return [...subjects.values()].filter(({ task }) => isRunning(task) || (isStopped(task) && task.started));
}

interface Decision {
  readonly subject: Subject;
  /** What to change, why it cannot be said yet, or nothing to do. */
  readonly result: TaskChange | Error | undefined;
}

async function decide(
  deps: TaskChangeDeps,
  cluster: string,
  subjects: readonly Subject[],
  observed: number,
): Promise<Decision[]> {
  const { shards, settings, ecs } = deps;
  const shardOf = ({ task }: Subject): number => shardOfTask(task.id, settings.shards);
  let reads: Map<number, ShardRead>;
  try {
    reads = await shards.read(cluster, [...new Set(subjects.map(shardOf))]);
  } catch (error) {
    return subjects.map((subject) => ({ subject, result: asError(error) }));
  }
  const known = subjects.map((subject) => ({ subject, before: stateBefore(reads.get(shardOf(subject)), subject) }));
  const open = known.filter(({ subject, before }) => !isSettled(subject, before));
  const running = open.filter(({ subject }) => isRunning(subject.task)).map(({ subject }) => subject.task.id);
  const answers = running.length > 0 ? await ecs.describeTasks(cluster, running) : new Map<string, TaskAnswer>();

  return Promise.all(
    open.map(async ({ subject, before }) => {
      try {
        return {
          subject,
          result: await change(deps, subject, before, { answer: answers.get(subject.task.id), observed }),
        };
      } catch (error) {
        return { subject, result: asError(error) };
      }
    }),
  );
}

/** What the shard held of a task when the batch began. */
interface Before {
  /** False where the shard could not be read; that is dealt with where it is written, which says what to do about it. */
  readonly isKnown: boolean;
  readonly targets: TaskTargets | undefined;
  readonly stopped: boolean;
}

function stateBefore(read: ShardRead | undefined, { task }: Subject): Before {
  if (read?.kind !== 'shard') return { isKnown: false, targets: undefined, stopped: false };
  return { isKnown: true, targets: read.shard.tasks.get(task.id), stopped: read.shard.stopped.has(task.id) };
}

const isAgain = ({ records }: Subject): boolean => records.some(({ receiveCount }) => receiveCount > 1);

/** Whether the shard already says what the event says: a duplicate or something older. */
function isSettled(subject: Subject, before: Before): boolean {
  if (isAgain(subject)) return false;
  if (before.stopped) return true;
  return isRunning(subject.task) && (before.targets?.version ?? -1) >= subject.task.version;
}

async function change(
  deps: TaskChangeDeps,
  subject: Subject,
  before: Before,
  { answer, observed }: { readonly answer: TaskAnswer | undefined; readonly observed: number },
): Promise<TaskChange | Error | undefined> {
  if (isStopped(subject.task)) return stopOf(deps, subject, before);
  switch (answer?.kind) {
    case undefined:
      return new Error('the task was not looked up');
    case 'unknown':
      return answer.error;
    case 'missing': {
      const tries = Math.max(...subject.records.map(({ receiveCount }) => receiveCount));
      if (tries < MISSING_TRIES) return new NotYetVisible('ECS does not know the task yet');
      deps.report.info('task is gone', { cluster: subject.task.cluster, taskId: subject.task.id });
      return undefined;
    }
    case 'task': {
      const task = newer(subject.task, answer.task);
      if (isStopped(task)) return stopOf(deps, { ...subject, task }, before);
      if (answer.task.version < subject.task.version)
        return new NotYetVisible('ECS shows an older version of the task');
      return runOf(deps, { ...subject, task }, before, observed);
    }
  }
}

/** A task that runs: its targets, unless nothing selects it. */
async function runOf(
  deps: TaskChangeDeps,
  subject: Subject,
  before: Before,
  observed: number,
): Promise<TaskChange | undefined> {
  const { report, scraping } = deps;
  const { task, time } = subject;
  const { cluster, id: taskId } = task;
  const again = isAgain(subject);
  const { targets, registration, rejections } = await scrapingOf(scraping, task, {
    isPublished: before.targets !== undefined,
    since: observed,
  });
  for (const { reason, message } of rejections) {
    report.warn('task is not scraped', { cluster, taskId, family: task.family, reason, problem: message });
    report.count(METRICS.skipped, 1, { cluster, reason });
  }
  if (!targets) {
    return before.targets && { cluster, change: { kind: 'deselect', taskId }, again, time };
  }
  const changed = !before.targets || !sameTargets(before.targets, targets);
  if (!changed && !again) return undefined;
  return { cluster, change: { kind: 'upsert', targets }, register: registration, again, time };
}

/**
 * A task that stops. Where the shard does not hold it, it has to be remembered as stopped only while somebody may
 * still be adding it.
 */
async function stopOf(deps: TaskChangeDeps, subject: Subject, before: Before): Promise<TaskChange | undefined> {
  const { task, time } = subject;
  const again = isAgain(subject);
  if (!before.targets && !again) {
    if (before.isKnown && isLongStopped(deps.clock, task)) return undefined;
    if (!(await deps.scraping.isSelected(task))) return undefined;
  }
  return {
    cluster: task.cluster,
    change: { kind: 'stop', taskId: task.id },
    ...(await registrationToRemove(deps, task, before)),
    again,
    time,
  };
}

const isLongStopped = (clock: Clock, { stoppingAt }: Task): boolean =>
  stoppingAt !== undefined && clock.now() - stoppingAt > STOP_MEMORY_SECONDS * 1000;

/** Every registered task carries the label of its namespace; for the others Cloud Map need not be asked. */
async function registrationToRemove(
  { scraping }: TaskChangeDeps,
  task: Task,
  { targets }: Before,
): Promise<Pick<TaskChange, 'deregister' | 'incomplete'>> {
  if (targets && targets.labels[LABELS.namespace] === undefined) return {};
  try {
    const registryId = await scraping.registryOf(task);
    return registryId === undefined ? {} : { deregister: [registryId] };
  } catch (error) {
    if (!targets) throw error;
    // The removal of the targets does not wait for Cloud Map to answer.
    return { incomplete: asError(error) };
  }
}
