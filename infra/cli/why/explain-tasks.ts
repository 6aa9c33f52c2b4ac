/** Explains tasks with the look-ups and the decisions of the functions themselves. */

import { shardOfTask } from '../../../functions/discovery/shard/shard-of-task.ts';
import type { Task, TaskId } from '../../../functions/discovery/task/task.ts';
import { isStopped } from '../../../functions/discovery/task/task.ts';
import { type ObservedTask, observeTasks } from '../../../functions/look-up/observe-tasks.ts';
import type { StoredShard } from '../account/configuration.ts';
import type { QueueState } from '../account/queues.ts';
import type { ScrapeJobs } from '../account/scrape-jobs.ts';
import { collectorSteps } from './collector-step.ts';
import { configurationSteps } from './configuration-step.ts';
import { ecsStep, notWatched } from './ecs-step.ts';
import type { Decision, ExplainedTask, Step } from './explained-task.ts';
import { type LookUps, type SelectionFacts, selectionFacts } from './facts.ts';
import { registrationStep } from './registration-step.ts';
import { scrapeJobSteps } from './scrape-job-step.ts';
import { selectionSteps } from './selection-steps.ts';
import { groupsOf, targetSteps } from './target-steps.ts';

/** A task to explain. */
export interface Subject {
  readonly id: TaskId;
  readonly cluster: string;
  /** The newest event of it, where one is known. */
  readonly event?: Task;
}

export interface Explaining {
  readonly lookUps: LookUps;
  /** The shards of a cluster; undefined where they are not known. */
  readonly configuration: (cluster: string) => Promise<readonly StoredShard[] | undefined>;
  /** Whether Cloud Map can be asked for instances. */
  readonly knowsInstances: boolean;
  /** Queues of the collectors; undefined where they are not known. */
  readonly collectors: () => Promise<readonly QueueState[] | undefined>;
  /** Scrape jobs of the collectors; undefined where they are not known. */
  readonly scrapeJobs: () => Promise<ScrapeJobs | undefined>;
}

/** One answer a task, in the order of the subjects. */
export async function explainTasks(deps: Explaining, subjects: readonly Subject[]): Promise<ExplainedTask[]> {
  const watched = deps.lookUps.settings.clusters;
  const looks = new Map<Subject, Promise<ObservedTask>>();
  for (const [cluster, some] of Map.groupBy(subjects, (subject) => subject.cluster)) {
    if (!watched.includes(cluster)) continue;
    const toAsk = some.filter(({ event }) => !(event && isStopped(event)));
    const events = new Map(toAsk.flatMap(({ id, event }) => (event ? [[id, event] as const] : [])));
    const since = { unselected: deps.lookUps.clock.now() };
    const asked = observeTasks(
      deps.lookUps,
      cluster,
      toAsk.map(({ id }) => id),
      since,
      events,
    );
    for (const subject of toAsk) {
      const look = asked.get(subject.id);
      if (look) looks.set(subject, look);
    }
  }
  return Promise.all(
    subjects.map(async (subject) => {
      if (!watched.includes(subject.cluster)) return explainUnwatched(subject, watched);
      return explainTask(deps, subject, (await looks.get(subject)) ?? stoppedBefore(subject));
    }),
  );
}

const explainUnwatched = ({ id, cluster, event }: Subject, watched: readonly string[]): ExplainedTask => ({
  task: id,
  cluster,
  ...(event?.service !== undefined && { service: event.service }),
  decision: 'ignored',
  targets: [],
  rejections: [],
  steps: [notWatched(cluster, watched)],
});

/** A stop needs no look, and is announced without one. */
const stoppedBefore = ({ id, event }: Subject): ObservedTask => ({
  taskId: id,
  observed: 0,
  observation: { kind: 'stopped', version: event?.version ?? 0 },
  rejections: [],
  warnings: [],
  ...(event && { task: event }),
});

async function explainTask(deps: Explaining, subject: Subject, look: ObservedTask): Promise<ExplainedTask> {
  const { lookUps } = deps;
  const runs = !['stopped', 'missing', 'starting'].includes(look.observation.kind);
  const facts = runs ? await selectionFacts(lookUps, look) : undefined;
  const decision = decisionOf(look, subject.event !== undefined);
  const task = look.task ?? subject.event;
  return {
    task: subject.id,
    cluster: subject.cluster,
    ...(task?.service !== undefined && { service: task.service }),
    decision,
    targets: groupsOf(look).map(({ targets: [address = ''], labels }) => ({ address, labels })),
    rejections: look.rejections.map(({ reason, message }) => ({ reason, problem: message })),
    steps: [
      ecsStep(look, subject.event),
      ...(facts ? [...selectionSteps(facts, lookUps.settings), ...targetSteps(look, facts)] : []),
      ...(await publicationSteps(deps, subject, look, decision, facts)),
    ],
  };
}

async function publicationSteps(
  { lookUps, configuration, collectors, scrapeJobs, knowsInstances }: Explaining,
  { id, cluster }: Subject,
  look: ObservedTask,
  decision: Decision,
  facts: SelectionFacts | undefined,
): Promise<Step[]> {
  const states = await configuration(cluster);
  const isRegistering = knowsInstances && facts && lookUps.settings.namespacesParameter !== undefined;
  const isScraped = decision === 'scraped';
  const [queues, jobs] = isScraped ? await Promise.all([collectors(), scrapeJobs()]) : [];
  return [
    ...(states ? configurationSteps(look, decision, states, lookUps.settings) : []),
    ...(isRegistering ? await registrationStep(lookUps.cloudMap, look, decision, facts) : []),
    ...(queues && states ? collectorSteps(shardOfTask(id, states.length), queues) : []),
    ...(jobs ? scrapeJobSteps(groupsOf(look), jobs) : []),
  ];
}

/** @param isTold an event has named the task: then ECS may not know it yet */
export function decisionOf({ observation, rejections }: ObservedTask, isTold = false): Decision {
  switch (observation.kind) {
    case 'offers':
      return 'scraped';
    case 'unselected':
      return rejections.length > 0 ? 'rejected' : 'ignored';
    case 'stopped':
      return 'stopped';
    case 'missing':
      return isTold ? 'held' : 'stopped';
    case 'starting':
    case 'unknown':
      return 'held';
  }
}
