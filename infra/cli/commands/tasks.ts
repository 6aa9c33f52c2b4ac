/** `tasks`: every task that is meant to run, with its targets or the reason why it has none. */

import { isNamed } from '../../../functions/aws/errors.ts';
import { type ObservedTask, observeTasks } from '../../../functions/look-up/observe-tasks.ts';
import { errorText } from '../account/error-text.ts';
import { Problem } from '../problem.ts';
import {
  type CliParts,
  type CommonOptions,
  clustersOf,
  openSession,
  printJson,
  type Session,
  sessionLookUps,
} from '../session.ts';
import { dim, green, red, yellow } from '../terminal/paint.ts';
import { count, type Row, table } from '../terminal/table.ts';
import { wrap } from '../terminal/wrap.ts';
import { decisionOf } from '../why/explain-tasks.ts';
import type { Decision } from '../why/explained-task.ts';
import { groupsOf, urlOf } from '../why/target-steps.ts';

export interface TasksOptions extends CommonOptions {
  readonly cluster?: string;
  readonly service?: string;
}

interface ListedTask {
  readonly task: string;
  readonly cluster: string;
  readonly service?: string;
  /** As ECS calls it, `family:…` of a task that somebody ran. */
  readonly group?: string;
  readonly definition?: string;
  readonly decision: Decision;
  readonly targets: readonly string[];
  readonly rejections: readonly { readonly reason: string; readonly problem: string }[];
  readonly warnings: readonly string[];
  /** Why nothing can be said of it. */
  readonly problem?: string;
}

export async function tasks(parts: CliParts, options: TasksOptions): Promise<void> {
  const session = await openSession(parts, options);
  const clusters = clustersOf(session, options.cluster);
  const found: ListedTask[] = [];
  const without: string[] = [];
  for (const cluster of clusters) {
    const listed = await tasksOf(session, cluster, options.service);
    if (listed) found.push(...listed);
    else without.push(cluster);
  }
  session.failIfDenied();
  if (without.length === clusters.length) throw noSuchService(options.service, clusters);
  if (options.json) {
    printJson(parts.terminal, found);
    return;
  }
  const { print, columns } = parts.terminal;
  if (found.length > 0) {
    const head = ['TASK', 'SERVICE', 'CLUSTER', 'DECISION', 'TARGETS OR REASON'];
    const isTerminal = columns !== Number.POSITIVE_INFINITY;
    const rows = found.flatMap((one) => rowsOf(one, isTerminal));
    print(...table(head, rows, { columns, ids: 'TASK', spare: 'CLUSTER' }), '');
  }
  const numbers = Map.groupBy(found, ({ decision }) => decision);
  const sums = [...numbers].map(([decision, some]) => `${some.length} ${decision}`).join(', ');
  print(`${count(found.length, 'task')}${sums && `: ${sums}`}.`);
  if (found.some(({ decision }) => decision !== 'scraped'))
    print(dim(wrap('"why TASK" says more about one of them, and what to change.', 0, columns)));
}

/** Undefined where the cluster has no service of that name. */
async function tasksOf(session: Session, cluster: string, service?: string): Promise<ListedTask[] | undefined> {
  const lookUps = sessionLookUps(session);
  const ids = await lookUps.ecs.listTasks(cluster, service).catch((error: unknown) => {
    if (!isNamed(error, 'ServiceNotFoundException')) throw error;
    return undefined;
  });
  if (!ids) return undefined;
  const looks = observeTasks(lookUps, cluster, ids.sort(), { unselected: lookUps.clock.now() });
  const listed = await Promise.all([...looks.values()].map(async (look) => listedTask(cluster, await look)));
  return listed.sort((a, b) => compare(a.service ?? '', b.service ?? '') || compare(a.task, b.task));
}

const noSuchService = (service: string | undefined, clusters: readonly string[]): Problem =>
  new Problem(
    `There is no ECS service ${service} in ${clusters.join(', ')}.`,
    '"tasks" without --service lists all tasks with their services.',
  );

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

function listedTask(cluster: string, look: ObservedTask): ListedTask {
  const { taskId, task, rejections, warnings, observation } = look;
  return {
    task: taskId,
    cluster,
    ...(task?.service !== undefined && { service: task.service }),
    ...(task?.group !== undefined && { group: task.group }),
    ...(task && { definition: task.taskDefinitionArn.slice(task.taskDefinitionArn.lastIndexOf('/') + 1) }),
    decision: decisionOf(look),
    targets: groupsOf(look).map(urlOf),
    rejections: rejections.map(({ reason, message }) => ({ reason, problem: message })),
    warnings: warnings.map(({ message }) => message),
    ...(observation.kind === 'unknown' && { problem: errorText(observation.error) }),
    ...(observation.kind === 'starting' && { problem: `${task?.lastStatus}: it does not run yet` }),
  };
}

const PAINT: Readonly<Record<Decision, (text: string) => string>> = {
  scraped: green,
  rejected: red,
  ignored: dim,
  held: yellow,
  stopped: dim,
};

/** A row for each thing that there is to say of a task; on a terminal, the task stands in the first of them alone. */
function rowsOf(listed: ListedTask, isTerminal: boolean): Row[] {
  const { task, service, group, cluster, decision, targets, rejections, warnings, problem } = listed;
  const says = [
    ...targets,
    ...rejections.map((rejection) => `${rejection.reason}: ${rejection.problem}`),
    ...warnings,
    ...(problem === undefined ? [] : [problem]),
  ];
  const [first = decision === 'ignored' ? dim('nothing asks for it') : '', ...others] = says;
  const which = [task, service ?? group, cluster, PAINT[decision](decision)];
  const again = isTerminal ? which.map(() => '') : which;
  return [[...which, first], ...others.map((text) => [...again, text])];
}
