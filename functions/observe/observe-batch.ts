/** From a batch of task events to one announcement: which tasks to look at again, what follows, who has to know. */
import { describeError } from '../aws/errors.ts';
import type { Announcer } from '../aws/sns.ts';
import type { QueuedMessage } from '../aws/sqs.ts';
import { type TaskChange, toSeconds } from '../discovery/change/change.ts';
import { METRICS } from '../discovery/metric-names.ts';
import { type Plan, plan } from '../discovery/plan/plan.ts';
import { isRunning, isStopped, MalformedTask, newer, type Task, type TaskId } from '../discovery/task/task.ts';
import { parseTaskEvent } from '../discovery/task/task-event.ts';
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
import { reportRejections } from '../lambda/report-rejections.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import { type ObserveDeps, type ObservedTask, observeTasks } from '../look-up/observe-tasks.ts';
import { AnswerIncomplete } from '../look-up/scraping.ts';
import type { Announced } from './announced.ts';

export interface ObserveBatchDeps extends ObserveDeps, BatchParts {
  readonly announcer: Announcer;
  readonly announced: Announced;
  readonly settings: Pick<DiscoverySettings, 'deployment' | 'clusters'>;
}

/** Messages of a batch; more of them need a batching window (AWS Lambda developer guide, "Using Lambda with Amazon SQS"). */
export const OBSERVE_BATCH_SIZE = 10;
/** What a full batch takes beyond itself. An event has 2 to 5 KB. */
const TAKING = { most: 2000, time: 2000 };
/** Milliseconds that a batch waits for what it looks up; what is not answered by then is tried again. */
const BUDGET = 2000;
/** How long ECS may not know a task that an event named (Amazon ECS API reference, "eventual consistency"). */
const MISSING_MILLISECONDS = 5 * 60_000;
/** How old the answers of Cloud Map may be that leave a task of an event without targets. */
const UNSELECTED_MILLISECONDS = 60_000;

/** One task of the batch with all its messages, and the newest observation among them. */
interface EventTask {
  readonly task: Task;
  readonly messages: readonly QueuedMessage[];
  /** When ECS says the earliest of the changes happened, in milliseconds since 1970. */
  readonly changedAt: number;
}

/** What to do about a task of an event. */
type Decision = TaskChange | 'nothing' | Error;

/** Handles a batch of "ECS Task State Change" events, and what waits behind a full one. */
export async function observeBatch(
  deps: ObserveBatchDeps,
  messages: readonly QueuedMessage[],
): Promise<BatchItemFailure[]> {
  const more = messages.length < OBSERVE_BATCH_SIZE ? [] : await takeMore(deps, TAKING);
  const all = [...messages, ...more];
  const kept = new Set(await settle(deps, all, await observe(deps, all)));
  await remove(
    deps,
    more.filter((message) => !kept.has(message)),
  );
  return failures(messages.filter((message) => kept.has(message)));
}

async function observe(deps: ObserveBatchDeps, messages: readonly QueuedMessage[]): Promise<Map<string, Outcome>> {
  const { tasks, outcomes } = collect(deps, messages);
  const byCluster = Map.groupBy(tasks, ({ task }) => task.cluster);
  const results = await Promise.all([...byCluster].map(([cluster, some]) => announceChanges(deps, cluster, some)));
  for (const [{ messages: own }, error] of results.flat()) {
    for (const { messageId } of own) outcomes.set(messageId, error ? retry(error) : DONE);
  }
  return outcomes;
}

/** Parses the events and brings those of one task together; what is not for us, or known already, is done at once. */
function collect({ report, settings, announced }: ObserveBatchDeps, messages: readonly QueuedMessage[]) {
  const tasks = new Map<string, EventTask>();
  const outcomes = new Map<string, Outcome>(messages.map(({ messageId }) => [messageId, DONE]));
  for (const message of messages) {
    const { messageId } = message;
    try {
      const { task, time } = parseTaskEvent(message.body);
      if (!settings.clusters.includes(task.cluster)) {
        report.warn('task of a cluster that is not watched', { messageId, cluster: task.cluster, taskId: task.id });
        continue;
      }
      const known = tasks.get(task.arn);
      tasks.set(task.arn, {
        task: known ? newer(known.task, task) : task,
        messages: [...(known?.messages ?? []), message],
        changedAt: Math.min(known?.changedAt ?? time, time),
      });
    } catch (error) {
      if (!(error instanceof MalformedTask)) throw error;
      outcomes.set(messageId, { kind: 'poison', reason: error.message });
    }
  }
  const concerns = ({ task }: EventTask): boolean =>
    (isRunning(task) || (isStopped(task) && task.started)) && !announced.covers(task);
  return { tasks: [...tasks.values()].filter(concerns), outcomes };
}

/** @returns for each task undefined when all is done, otherwise why it has to be tried again */
async function announceChanges(
  deps: ObserveBatchDeps,
  cluster: string,
  tasks: readonly EventTask[],
): Promise<[EventTask, Error | undefined][]> {
  const decisions = await decide(deps, cluster, tasks);
  const changes = tasks.flatMap((task) => {
    const decision = decisions.get(task);
    return typeof decision === 'object' && 'taskId' in decision ? [{ task, change: decision }] : [];
  });
  const failed = await announce(deps, cluster, changes);
  return tasks.map((task) => {
    const decision = decisions.get(task);
    return [task, decision instanceof Error ? decision : failed.get(task.task.id)];
  });
}

async function announce(
  { announcer, announced, settings, report, clock }: ObserveBatchDeps,
  cluster: string,
  changes: readonly { readonly task: EventTask; readonly change: TaskChange }[],
): Promise<Map<TaskId, Error>> {
  if (changes.length === 0) return new Map();
  const changedAt = Math.min(...changes.map(({ task }) => task.changedAt));
  const failed = await announcer.announce([
    {
      deployment: settings.deployment,
      cluster,
      changes: changes.map(({ change }) => change),
      changedAt,
      misregistered: [],
      compared: [],
      written: [],
    },
  ]);
  const errors = new Map(failed.flatMap(({ part, error }) => part.changes.map(({ taskId }) => [taskId, error])));
  const done = changes.filter(({ change }) => !errors.has(change.taskId));
  for (const { change, task } of done) announced.remember(change, task.task);
  const upserts = done.filter(({ change }) => change.kind === 'upsert').length;
  report.count(METRICS.upserts, upserts, { cluster });
  report.count(METRICS.removals, done.length - upserts, { cluster });
  const age = clock.now() - changedAt;
  report.count(METRICS.eventAge, age, { cluster });
  report.info('announced', { cluster, upserts, removals: done.length - upserts, eventAgeMilliseconds: age });
  return errors;
}

/** Stops need no look; tasks that run are looked at, within the budget of the batch. */
async function decide(
  deps: ObserveBatchDeps,
  cluster: string,
  tasks: readonly EventTask[],
): Promise<Map<EventTask, Decision>> {
  const now = deps.clock.now();
  const decisions = new Map<EventTask, Decision>();
  for (const event of tasks) {
    const { id, version, service } = event.task;
    if (!isStopped(event.task)) continue;
    const observation = { kind: 'stopped', version, ...(service !== undefined && { service }) } as const;
    decisions.set(event, decisionOf(plan(id, 'unread', observation, toSeconds(now))));
  }
  const running = tasks.filter(({ task }) => !isStopped(task));
  const known = new Map(running.map(({ task }) => [task.id, task]));
  const looks = observeTasks(deps, cluster, [...known.keys()], { unselected: now - UNSELECTED_MILLISECONDS }, known);
  const isOver = running.length === 0 ? undefined : deps.clock.sleep(BUDGET);
  await Promise.all(
    running.map(async (event) => {
      const seen = await Promise.race([looks.get(event.task.id), isOver]);
      decisions.set(event, seen ? decideRunning(deps, cluster, event, seen) : outOfBudget());
    }),
  );
  return decisions;
}

const outOfBudget = (): Error => new Error(`AWS did not answer within ${BUDGET} ms`);

function decideRunning(
  { report, clock }: ObserveBatchDeps,
  cluster: string,
  { task, messages }: EventTask,
  seen: ObservedTask,
): Decision {
  reportRejections(report, cluster, seen);
  const { taskId, observation, observed } = seen;
  const age = clock.now() - Math.min(...messages.map(({ sentAt }) => sentAt));
  if (observation.kind === 'missing' && age >= MISSING_MILLISECONDS) {
    report.warn('task is not scraped: ECS does not know it, five minutes after its event', { cluster, taskId });
    return 'nothing';
  }
  const isHopeless = observation.kind === 'unknown' && observation.error instanceof AnswerIncomplete;
  if (isHopeless && age >= MISSING_MILLISECONDS) {
    report.warn('task is not scraped until an event or resync finds what is missing', {
      cluster,
      taskId: task.id,
      problem: describeError(observation.error),
    });
    return 'nothing';
  }
  return decisionOf(plan(taskId, 'unread', observation, observed));
}

function decisionOf(planned: Plan): Decision {
  switch (planned.kind) {
    case 'nothing':
      return 'nothing';
    case 'held':
      return planned.error;
    default:
      return planned;
  }
}
