/** Looks at tasks: what ECS says of them, and what of it is to be scraped. */
import { type Ecs, TASKS_PER_CALL, type TaskAnswer } from '../aws/ecs.ts';
import { asError } from '../aws/errors.ts';
import { chunks } from '../aws/paging.ts';
import { toSeconds } from '../discovery/change/change.ts';
import type { Clock } from '../discovery/clock.ts';
import type { Observation } from '../discovery/plan/plan.ts';
import type { Rejection } from '../discovery/selection/rejection.ts';
import type { Warning } from '../discovery/selection/warning.ts';
import type { Registration } from '../discovery/target/registration.ts';
import { olderVersion } from '../discovery/task/not-yet-visible.ts';
import { isRunning, isStopped, newer, type Task, type TaskId } from '../discovery/task/task.ts';
import { type Freshness, type ScrapingLookup, scrapingOf } from './scraping.ts';

/** One look at one task. */
export interface ObservedTask {
  readonly taskId: TaskId;
  /** When ECS was asked, in whole seconds since 1970. */
  readonly observed: number;
  readonly observation: Observation;
  /** What ECS answered, where it did. */
  readonly task?: Task;
  /** Why the task, or an endpoint of it, is not scraped. */
  readonly rejections: readonly Rejection[];
  /** Labels and tags of the task that have no effect, though they look as if they were meant to. */
  readonly warnings: readonly Warning[];
  /** How it is to be registered in the Cloud Map service that this deployment owns. */
  readonly registration?: Registration;
}

export interface ObserveDeps {
  readonly ecs: Ecs;
  readonly scraping: ScrapingLookup;
  readonly clock: Clock;
}

/**
 * Looks at tasks of one cluster, a portion with one request, and each portion at its own time.
 *
 * @param freshness how old the answers of Cloud Map may be that select nothing
 * @param known newest observation of a task from elsewhere: an answer that is older than it is unknown
 * @returns a look at each task, none of which rejects; one that fails, or takes long, holds up no other
 */
export function observeTasks(
  { ecs, scraping, clock }: ObserveDeps,
  cluster: string,
  ids: readonly TaskId[],
  freshness: Freshness,
  known: ReadonlyMap<TaskId, Task> = new Map(),
): ReadonlyMap<TaskId, Promise<ObservedTask>> {
  const looks = new Map<TaskId, Promise<ObservedTask>>();
  for (const portion of chunks(ids, TASKS_PER_CALL)) {
    const observed = toSeconds(clock.now());
    const answers = ecs.describeTasks(cluster, portion);
    for (const id of portion) {
      const seen = seenAt(id, observed);
      looks.set(
        id,
        answers.then((them) => observe(scraping, seen, them.get(id), known.get(id), freshness)),
      );
    }
  }
  return looks;
}

/** Makes the look at a task from what was seen of it. */
type Seen = (observation: Observation, more?: Partial<ObservedTask>) => ObservedTask;

const seenAt =
  (taskId: TaskId, observed: number): Seen =>
  (observation, more = {}) => ({ taskId, observed, observation, rejections: [], warnings: [], ...more });

async function observe(
  scraping: ScrapingLookup,
  seen: Seen,
  answer: TaskAnswer | undefined,
  known: Task | undefined,
  freshness: Freshness,
): Promise<ObservedTask> {
  if (answer === undefined) return seen({ kind: 'unknown', error: new Error('the task was not looked up') });
  return answer.kind === 'task' ? observeTask(scraping, seen, answer.task, known, freshness) : seen(answer);
}

/** @param task what ECS shows */
async function observeTask(
  scraping: ScrapingLookup,
  seen: Seen,
  task: Task,
  known: Task | undefined,
  freshness: Freshness,
): Promise<ObservedTask> {
  const newest = known ? newer(known, task) : task;
  const { version, service: name } = newest;
  const service = name === undefined ? {} : { service: name };
  if (isStopped(newest)) return seen({ kind: 'stopped', version, ...service }, { task: newest });
  if (version > task.version) return seen({ kind: 'unknown', error: olderVersion() });
  // Of two descriptions of one version that of ECS says more: an event has no health.
  if (!isRunning(task)) return seen({ kind: 'starting' }, { task });
  try {
    const { targets, registration, rejections, warnings } = await scrapingOf(scraping, task, freshness);
    const about = { task, rejections, warnings, ...(registration && { registration }) };
    return seen(targets ? { kind: 'offers', targets } : { kind: 'unselected', version, ...service }, about);
  } catch (error) {
    return seen({ kind: 'unknown', error: asError(error) }, { task });
  }
}
