/** From a batch of task events to announcements: which tasks to look at again, what follows, who has to know. */
import type { QueuedMessage } from '../aws/sqs.ts';
import { type TaskChange, toSeconds } from '../discovery/change/change.ts';
import {
  type BatchItemFailure,
  type BatchParts,
  failures,
  type Outcome,
  settle,
  settleTaken,
} from '../lambda/queue-batch.ts';
import type { DiscoverySettings } from '../lambda/settings.ts';
import { takeMore } from '../lambda/take-more.ts';
import { type ObserveDeps, observeTasks } from '../look-up/observe-tasks.ts';
import { type AnnounceDeps, announceChanges, type Failed } from './announce-changes.ts';
import { type Decision, decideRun } from './decide-run.ts';
import { type EventTask, EventTasks } from './event-tasks.ts';

export interface ObserveBatchDeps extends ObserveDeps, BatchParts, AnnounceDeps {
  readonly settings: Pick<DiscoverySettings, 'deployment' | 'clusters' | 'here'>;
  // Both of BatchParts and AnnounceDeps.
  readonly clock: BatchParts['clock'];
}

/** Messages of a batch; more of them need a batching window (AWS Lambda developer guide, "Using Lambda with Amazon SQS"). */
const OBSERVE_BATCH_SIZE = 10;
/** What a full batch takes beyond itself. An event has 2 to 5 KB. */
const TAKING = { most: 2000, time: 2000 };
/** Milliseconds that a batch waits for what it looks up; what is not answered by then is tried again. */
const BUDGET = 2000;
/**
 * Milliseconds that the tasks of a batch wait for each other: one announcement where AWS answers as usual, and where one
 * look-up is slow, it keeps back no other task.
 */
const GATHERING = 250;
/** How old the answers of Cloud Map may be that leave a task of an event without targets. */
const UNSELECTED_MILLISECONDS = 60_000;

/** Handles a batch of "ECS Task State Change" events, and what waits behind a full one. */
export async function observeBatch(
  deps: ObserveBatchDeps,
  messages: readonly QueuedMessage[],
): Promise<BatchItemFailure[]> {
  const { taken, outcomes } = await observe(deps, messages);
  const [kept] = await Promise.all([settle(deps, messages, outcomes), settleTaken(deps, taken, outcomes)]);
  return failures(kept);
}

/** Stops are announced first: they need no look, and wait for nothing that others need. */
async function observe(
  deps: ObserveBatchDeps,
  messages: readonly QueuedMessage[],
): Promise<{ readonly taken: readonly QueuedMessage[]; readonly outcomes: ReadonlyMap<string, Outcome> }> {
  const events = new EventTasks(deps);
  events.add(messages);
  const first = inEach(events.takeStops(), (...some) => observeStops(deps, ...some));
  const taken = messages.length >= OBSERVE_BATCH_SIZE ? await takeMore(deps, TAKING) : [];
  events.add(taken);
  const failed = await Promise.all([
    first,
    inEach(events.takeStops(), (...some) => observeStops(deps, ...some)),
    inEach(events.takeRuns(), (...some) => observeRuns(deps, ...some)),
  ]);
  return { taken, outcomes: events.outcomes(new Map(failed.flat(2))) };
}

const inEach = (
  clusters: ReadonlyMap<string, readonly EventTask[]>,
  act: (cluster: string, tasks: readonly EventTask[]) => Promise<Failed>,
): Promise<Failed[]> => Promise.all([...clusters].map((entry) => act(...entry)));

function observeStops(deps: ObserveBatchDeps, cluster: string, tasks: readonly EventTask[]): Promise<Failed> {
  const observed = toSeconds(deps.clock.now());
  const stops = tasks.map((event): [EventTask, TaskChange] => {
    const { id: taskId, version, service } = event.task;
    return [event, { kind: 'stop', taskId, version, observed, ...(service !== undefined && { service }) }];
  });
  return announceChanges(deps, cluster, stops);
}

/** Looks at tasks; those that are decided soon do not wait for the others. */
async function observeRuns(deps: ObserveBatchDeps, cluster: string, tasks: readonly EventTask[]): Promise<Failed> {
  const { clock } = deps;
  const known = new Map(tasks.map(({ task }) => [task.id, task]));
  const freshness = { unselected: clock.now() - UNSELECTED_MILLISECONDS };
  const looks = observeTasks(deps, cluster, [...known.keys()], freshness, known);
  const isOver = clock.sleep(BUDGET);
  const decisions = new Map<EventTask, Decision>();
  const deciding = Promise.all(
    tasks.map(async (event) => {
      const seen = await Promise.race([looks.get(event.task.id), isOver]);
      decisions.set(event, seen ? decideRun(deps, cluster, event, seen) : outOfBudget());
    }),
  );
  await Promise.race([deciding, clock.sleep(GATHERING)]);
  const soon = new Map(decisions);
  const announcing = announceChanges(deps, cluster, changesIn(soon));
  await deciding;
  const late = new Map([...decisions].filter(([event]) => !soon.has(event)));
  const undecided: Failed = [...decisions].flatMap(([{ task }, it]) => (it instanceof Error ? [[task.arn, it]] : []));
  return [...undecided, ...(await announcing), ...(await announceChanges(deps, cluster, changesIn(late)))];
}

const outOfBudget = (): Error => new Error(`AWS did not answer within ${BUDGET} ms`);

const changesIn = (decisions: ReadonlyMap<EventTask, Decision>): [EventTask, TaskChange][] =>
  [...decisions].flatMap(([event, it]) => (typeof it === 'object' && 'taskId' in it ? [[event, it]] : []));
