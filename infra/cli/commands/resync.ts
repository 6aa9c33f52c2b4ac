/** `resync`: compares everything with ECS now, and repairs what events missed. */

import { lastPartOfArn } from '../../../functions/discovery/task/task.ts';
import type { ClusterSummary, ResyncRequest, ResyncSummary } from '../../../functions/resync/resync-summary.ts';
import { furtherRuns, invokeResync } from '../account/resync-function.ts';
import { Problem } from '../problem.ts';
import { type CliParts, type CommonOptions, clustersOf, openSession, printJson, type Session } from '../session.ts';
import { bold, dim, green, yellow } from '../terminal/paint.ts';
import { count, table } from '../terminal/table.ts';
import { durationOf } from '../terminal/times.ts';
import { wrap } from '../terminal/wrap.ts';
import { findTask, isWholeId } from '../why/find-task.ts';
import { explainingIn } from '../why/live.ts';

export interface ResyncOptions extends CommonOptions {
  readonly cluster?: string;
  readonly service?: string;
  readonly task?: string | undefined;
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

export async function resync(parts: CliParts, options: ResyncOptions): Promise<void> {
  if (options.dryRun && options.force) {
    throw new Problem(
      '--dry-run and --force exclude each other.',
      'Look with --dry-run first, then run it with --force.',
    );
  }
  const session = await openSession(parts, options);
  const clusters = clustersOf(session, options.cluster);
  const task = options.task === undefined ? undefined : await wholeId(session, options.task, clusters);
  const [cluster] = clusters;
  const request = requestOf({ ...options, ...(options.cluster !== undefined && cluster && { cluster }), task });
  const runs = await runAll(session, request, options.json === true);
  if (options.json) printJson(parts.terminal, runs);
}

const requestOf = ({ cluster, service, task, dryRun, force }: ResyncOptions): ResyncRequest => ({
  ...(cluster !== undefined && { cluster }),
  ...(service !== undefined && { service }),
  ...(task !== undefined && { task }),
  ...(dryRun && { dryRun }),
  ...(force && { force }),
});

/** A whole id is taken as it is: something may be left of a task that nobody knows any more. */
async function wholeId(session: Session, text: string, clusters: readonly string[]): Promise<string> {
  const id = lastPartOfArn(text);
  return isWholeId(id) ? id : (await findTask(explainingIn(session), session.clients, id, clusters)).id;
}

async function runAll(session: Session, request: ResyncRequest, isQuiet: boolean): Promise<ResyncSummary[]> {
  const { clients, clock, deployment, terminal } = session;
  const functionName = deployment.output('ResyncFunction');
  const began = clock.now();
  const tick = setInterval(() => terminal.progress(`Resync runs: ${durationOf((clock.now() - began) / 1000)} …`), 1000);
  const runs: ResyncSummary[] = [];
  const add = (run: ResyncSummary): void => {
    runs.push(run);
    if (!isQuiet) terminal.print(...runText(run, terminal.columns));
  };
  try {
    add(await invokeResync(clients, functionName, request));
    if (runs[0]?.complete === false) {
      if (!isQuiet)
        terminal.print('', 'The time of one run did not suffice. It goes on by itself; waiting for the rest.');
      for await (const run of furtherRuns(clients, functionName, began, clock)) add(run);
    }
    return runs;
  } finally {
    clearInterval(tick);
  }
}

function runText(run: ResyncSummary, columns: number): string[] {
  const lines = run.clusters.flatMap((summary) => ['', ...clusterText(summary, run.dryRun, columns)]);
  return [
    ...lines,
    '',
    dim(`${count(run.awsCalls, 'request')} to AWS in ${durationOf(run.durationMilliseconds / 1000)}.`),
  ];
}

function clusterText(summary: ClusterSummary, isDry: boolean, columns: number): string[] {
  const { cluster, targets, checked, skippedTasks, moreSkipped, warnings = [] } = summary;
  const { problems, moreProblems, removalsHeld } = summary;
  const item = (text: string): string => `  - ${wrap(text, 4, columns)}`;
  return [
    `${bold(`Cluster ${cluster}`)}: ${count(checked, 'task')} checked, ${count(targets, 'target')} ${isDry ? 'published now' : 'published'}.`,
    `  ${changesText(summary, isDry)}`,
    ...(checked === 0 ? [yellow('  There was no task to look at: check the names that you gave.')] : []),
    ...(removalsHeld > 0
      ? [
          yellow(`  ${count(removalsHeld, 'removal')} held back, because they are too many at once.`),
          `  If those tasks are gone, run it again with: --cluster ${cluster} --force`,
        ]
      : []),
    ...(skippedTasks.length > 0
      ? ['', `  Not scraped, though something asks for it:`, ...skippedRows(summary, columns)]
      : []),
    ...(moreSkipped > 0 ? [`  and ${moreSkipped} more; "tasks" lists all.`] : []),
    ...(warnings.length > 0
      ? [
          '',
          '  Written, and without effect:',
          ...warnings.map(({ taskDefinition, tasks, problem }) =>
            item(`${count(tasks, 'task')} of ${taskDefinition}: ${problem}`),
          ),
        ]
      : []),
    ...(problems.length > 0
      ? ['', yellow('  Could not be read or done; those tasks keep what they have:'), ...problems.map(item)]
      : []),
    ...(moreProblems > 0 ? [`  and ${moreProblems} more.`] : []),
  ];
}

const skippedRows = ({ skippedTasks }: ClusterSummary, columns: number): string[] =>
  table(
    ['TASK', 'SERVICE', 'REASON', 'PROBLEM'],
    skippedTasks.map(({ task, service, reason, problem }) => [task, service, reason, problem]),
    { columns: columns - 2, ids: 'TASK' },
  ).map((line) => `  ${line}`);

/** All was right, or what differed. */
function changesText(summary: ClusterSummary, isDry: boolean): string {
  const { added, updated, removed, registered, deregistered, unchanged, ignored, repairedShards = [] } = summary;
  const changes = Object.entries({ added, updated, removed, registered, deregistered })
    .filter(([, number]) => number > 0)
    .map(([what, number]) => `${number} ${what}`);
  if (repairedShards.length > 0) {
    changes.push(`${repairedShards.length === 1 ? 'shard' : 'shards'} ${repairedShards.join(', ')} written again`);
  }
  const rest = dim(`${unchanged} unchanged, ${ignored} ignored.`);
  if (changes.length === 0) {
    const nothing =
      summary.problems.length > 0 ? yellow('Nothing differed of what could be read.') : green('Nothing differed.');
    return `${nothing} ${rest}`;
  }
  const text = changes.join(', ');
  return `${yellow(isDry ? `Would change: ${text}.` : `Changed: ${text}.`)} ${rest}`;
}
