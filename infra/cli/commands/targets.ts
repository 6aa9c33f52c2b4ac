/** `targets`: what collectors scrape, a row a target; tasks that have stopped are left out. */

import { targetGroups } from '../../../functions/discovery/target/file-sd.ts';
import { LABELS } from '../../../functions/discovery/target/labels.ts';
import { isStopped, type TaskId } from '../../../functions/discovery/task/task.ts';
import { problemOfShard, readConfiguration, type StoredShard, tasksIn } from '../account/configuration.ts';
import {
  type CliParts,
  type CommonOptions,
  clustersOf,
  openSession,
  printJson,
  type Session,
  sessionLookUps,
} from '../session.ts';
import { dim, yellow } from '../terminal/paint.ts';
import { count, table } from '../terminal/table.ts';
import { wrap } from '../terminal/wrap.ts';
import { urlOf } from '../why/target-steps.ts';

export interface TargetsOptions extends CommonOptions {
  readonly cluster?: string;
  readonly service?: string;
}

interface PublishedTarget {
  readonly address: string;
  readonly url: string;
  readonly task: string;
  readonly cluster: string;
  readonly service?: string;
  readonly job?: string;
  readonly shard: number;
  readonly labels: Readonly<Record<string, string>>;
}

export async function targets(parts: CliParts, options: TargetsOptions): Promise<void> {
  const session = await openSession(parts, options);
  const states: StoredShard[] = [];
  for (const cluster of clustersOf(session, options.cluster)) {
    states.push(...(await readConfiguration(session.clients.ssm, session.deployment.settings, cluster, session.clock)));
  }
  const { over, unknown } = await stoppedAmong(session, states);
  session.failIfDenied();
  const found = states
    .flatMap((state) => targetsIn(state, over))
    .filter(({ service }) => options.service === undefined || service === options.service)
    .sort(
      (a, b) => compare(`${a.cluster} ${a.service ?? ''}`, `${b.cluster} ${b.service ?? ''}`) || compare(a.url, b.url),
    );
  if (options.json) {
    printJson(parts.terminal, found);
    return;
  }
  const { print, columns } = parts.terminal;
  const head = ['TARGET', 'TASK', 'SERVICE', 'CLUSTER', 'JOB', 'SHARD'];
  if (found.length > 0) {
    print(
      ...table(
        head,
        found.map(({ url, task, cluster, job, shard, ...of }) => [url, task, workloadOf(of), cluster, job, shard]),
        { columns, ids: 'TASK', spare: 'CLUSTER' },
      ),
    );
    print('');
  }
  const say = (paint: (text: string) => string, text: string): void => print(paint(wrap(text, 0, columns)));
  print(`${count(found.length, 'target')} of ${count(new Set(found.map(({ task }) => task)).size, 'task')}.`);
  if (over.size > 0) {
    say(
      yellow,
      `${count(over.size, 'task')} in the configuration stopped meanwhile; an event or "resync" removes what is left of them.`,
    );
  }
  if (unknown > 0) {
    say(yellow, `ECS did not say whether ${count(unknown, 'task')} still run${unknown === 1 ? 's' : ''}.`);
  }
  for (const state of states) {
    const problem = problemOfShard(state);
    if (problem !== undefined) say(yellow, `${problem}: run "resync".`);
  }
  if (found.length === 0) say(dim, '"tasks" says of every task why it is not scraped.');
}

/** Its service, or, as ECS calls the group of a task that somebody ran, `family:…`. */
const workloadOf = ({ service, labels }: Pick<PublishedTarget, 'service' | 'labels'>): string | undefined =>
  service ?? (labels[LABELS.taskDefinition] && `family:${labels[LABELS.taskDefinition]}`);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The configuration follows ECS by some seconds, and by hours where an event was lost. */
async function stoppedAmong(session: Session, states: readonly StoredShard[]) {
  const { ecs } = sessionLookUps(session);
  const over = new Set<TaskId>();
  let unknown = 0;
  for (const [cluster, some] of Map.groupBy(states, (state) => state.cluster)) {
    const ids = some.flatMap((state) => [...tasksIn(state).keys()]);
    for (const [id, answer] of await ecs.describeTasks(cluster, ids)) {
      if (answer.kind === 'unknown') unknown++;
      else if (answer.kind === 'missing' || isStopped(answer.task)) over.add(id);
    }
  }
  return { over, unknown };
}

function targetsIn(state: StoredShard, over: ReadonlySet<TaskId>): PublishedTarget[] {
  const tasks = [...tasksIn(state).values()].map((entry) => entry.targets).filter(({ taskId }) => !over.has(taskId));
  return targetGroups(tasks).map((group) => {
    const { labels } = group;
    const { [LABELS.service]: service, [LABELS.job]: job } = labels;
    return {
      address: group.targets[0] ?? '',
      url: urlOf(group),
      task: labels[LABELS.taskId] ?? '',
      cluster: state.cluster,
      ...(service !== undefined && { service }),
      ...(job !== undefined && { job }),
      shard: state.shard,
      labels,
    };
  });
}
