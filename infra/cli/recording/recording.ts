/**
 * A recording of what AWS said about tasks: `settings`, `aws` by operation, and `events` if there are any. Other keys are
 * ignored. test/fixtures/cases/README.md describes the form.
 */
import { readFile } from 'node:fs/promises';
import * as z from 'zod/mini';
import { asError } from '../../../functions/aws/errors.ts';
import { clusterKeyOf, type Here } from '../../../functions/discovery/cluster/cluster-key.ts';
import {
  lastPartOfArn,
  MalformedTask,
  newer,
  placeOfArn,
  type Task,
  type TaskId,
} from '../../../functions/discovery/task/task.ts';
import { parseTaskEvent } from '../../../functions/discovery/task/task-event.ts';
import type { DiscoverySettings } from '../../../functions/lambda/settings.ts';
import type { ScrapeJobs } from '../account/scrape-jobs.ts';
import { Problem } from '../problem.ts';
import { checkedAnswers } from './checked-answers.ts';
import { isList, type RecordedAnswers } from './recorded-answers.ts';
import { cloudMapAnswers } from './recorded-cloud-map.ts';
import { recordedScrapeJobs } from './recorded-scrape-jobs.ts';
import { readRecordedSettings } from './recorded-settings.ts';
import { type RecordingFile, recordingShape } from './recording-file.ts';

/** A task that a recording is about. */
export interface RecordedTask {
  readonly id: TaskId;
  readonly cluster: string;
  /** The newest event of it. */
  readonly event?: Task;
  /** Which batch that event is in: tasks of one batch are looked up together. */
  readonly batch?: number;
}

export interface Recording {
  readonly settings: DiscoverySettings;
  readonly answers: RecordedAnswers;
  readonly tasks: readonly RecordedTask[];
  /** Of the collectors, where the settings name them. */
  readonly scrapeJobs?: ScrapeJobs | undefined;
  /** Why events in it are passed over. */
  readonly unread: readonly string[];
}

/** @throws Problem saying what is wrong with the file */
export async function readRecording(path: string): Promise<Recording> {
  let content: Buffer;
  try {
    content = await readFile(path);
  } catch (cause) {
    throw new Problem(`${path} cannot be read: ${asError(cause).message}`, 'Make one with: why TASK --record FILE');
  }
  const text = content.toString('utf8');
  // UTF-16, as PowerShell writes what is redirected.
  if (text.includes('\0'))
    throw new Problem(`${path} is no text in UTF-8.`, 'Save it in UTF-8, which JSON has to be in.');
  return parseRecording(text.replace(/^\uFEFF/, ''), path);
}

/** @param name of the file, for messages */
export function parseRecording(text: string, name: string): Recording {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Problem(`${name} is not JSON: ${asError(cause).message}`, 'Make one with: why TASK --record FILE');
  }
  const parsed = recordingShape.safeParse(value);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path }) => path.join('.') || 'the whole file');
    throw new Problem(
      `${name} is not a recording: wrong ${[...new Set(wrong)].join(', ')}`,
      'It is a JSON object with "settings", "aws" (answers by operation) and, if there are any, "events". Make one with: why TASK --record FILE',
    );
  }
  const aws = checkedAnswers(parsed.data.aws as RecordedAnswers, name);
  return recordingOf({ ...parsed.data, aws: aws as RecordingFile['aws'] });
}

function recordingOf(file: RecordingFile): Recording {
  const tasks = new Map<TaskId, RecordedTask>();
  const unread: string[] = [];
  const described = describedTasks(file.aws['DescribeTasks']);
  const here = whereIs(file, described);
  const keyOf = (clusterArn: string): string => clusterKeyOf(clusterArn, here);
  for (const [batch, events] of [file.events, ...file.batches].entries()) {
    for (const one of events) {
      const task = taskOfEvent(one);
      if (typeof task === 'string') {
        unread.push(task);
        continue;
      }
      const known = tasks.get(task.id)?.event;
      tasks.set(task.id, {
        id: task.id,
        cluster: keyOf(task.clusterArn),
        batch,
        event: known ? newer(known, task) : task,
      });
    }
  }
  for (const { arn, clusterArn = clusterOfTask(arn) } of described) {
    const id = lastPartOfArn(arn) as TaskId;
    const known = tasks.get(id);
    tasks.set(id, { ...known, id, cluster: clusterArn === undefined ? (known?.cluster ?? '') : keyOf(clusterArn) });
  }
  const clusters = [...new Set([...tasks.values()].map(({ cluster }) => cluster))].filter((cluster) => cluster !== '');
  const usesCloudMap = file.cloudMap !== undefined || 'ListNamespaces' in file.aws || 'ListServices' in file.aws;
  const settings = readRecordedSettings(file.settings, { clusters, here, usesCloudMap });
  const [first = ''] = settings.clusters;
  return {
    settings,
    scrapeJobs: recordedScrapeJobs(file.settings),
    answers: { ...file.aws, ...cloudMapAnswers(file, settings) } as RecordedAnswers,
    tasks: [...tasks.values()].map((task) => ({ ...task, cluster: task.cluster || first })),
    unread,
  };
}

/** The settings say it, or the first task. */
function whereIs({ settings, events, batches }: RecordingFile, described: readonly { readonly arn: string }[]): Here {
  if (typeof settings['here'] === 'string') return settings['here'];
  const tasks = [events, ...batches].flat().map(taskOfEvent);
  const arns = tasks.flatMap((task) => (typeof task === 'string' ? [] : [task.arn]));
  return placeOfArn([...arns, ...described.map(({ arn }) => arn)][0] ?? '');
}

/** What is wrong with an event that the functions would put aside. */
function taskOfEvent(one: Readonly<Record<string, unknown>>): Task | string {
  try {
    return parseTaskEvent(JSON.stringify(one)).task;
  } catch (error) {
    if (!(error instanceof MalformedTask)) throw error;
    return error.message;
  }
}

const tasksShape = z.object({
  tasks: z._default(z.array(z.object({ taskArn: z.string(), clusterArn: z.optional(z.string()) })), []),
  failures: z._default(z.array(z.object({ arn: z.optional(z.string()) })), []),
});

/** Every task that an answer of DescribeTasks names; none where the operation fails. */
function describedTasks(recorded: RecordingFile['aws'][string] | undefined) {
  const answers = isList(recorded as RecordedAnswers[string])
    ? (recorded as { answer: unknown }[]).map(({ answer }) => answer)
    : [recorded];
  return answers.flatMap((answer) => {
    const parsed = tasksShape.safeParse(answer);
    if (!parsed.success) return [];
    const { tasks, failures } = parsed.data;
    return [
      ...tasks.map(({ taskArn, clusterArn }) => ({ arn: taskArn, clusterArn })),
      ...failures.flatMap(({ arn }) => (arn === undefined ? [] : [{ arn, clusterArn: undefined }])),
    ];
  });
}

/** Its cluster is in the ARN of a task, `…:task/prod/0123`, but for old accounts. */
function clusterOfTask(arn: string): string | undefined {
  const [, name] = /:task\/([^/]+)\/[^/]+$/.exec(arn) ?? [];
  return name === undefined ? undefined : `${placeOfArn(arn)}:cluster/${name}`;
}
