/** `why TASK`: the chain of decisions for one task. */
import { writeFile } from 'node:fs/promises';
import { asError } from '../../../functions/aws/errors.ts';
import { Problem } from '../problem.ts';
import { explainRecording } from '../recording/explain-recording.ts';
import { scrapeJobSettings } from '../recording/recorded-scrape-jobs.ts';
import { createRecorder } from '../recording/recorder.ts';
import { readRecording } from '../recording/recording.ts';
import { type CliParts, type CommonOptions, clustersOf, openSession, printJson } from '../session.ts';
import { dim, yellow } from '../terminal/paint.ts';
import { explainTasks } from '../why/explain-tasks.ts';
import type { ExplainedTask } from '../why/explained-task.ts';
import { findTask } from '../why/find-task.ts';
import { explainingIn } from '../why/live.ts';
import { whyText } from '../why/why-text.ts';

export interface WhyOptions extends CommonOptions {
  readonly cluster?: string;
  /** File to write AWS's answers to. */
  readonly record?: string;
  /** File to take them from. */
  readonly from?: string;
}

export async function why(parts: CliParts, task: string | undefined, options: WhyOptions): Promise<void> {
  if (options.from !== undefined) return whyFrom(parts, task, options.from, options);
  if (task === undefined) {
    throw new Problem(
      'It is not said which task.',
      'Give its id, the beginning of it, or its ARN: why TASK. Or a recording: why --from FILE.',
    );
  }
  const recorder = createRecorder();
  const session = await openSession(parts, options, options.record === undefined ? undefined : recorder.onExchange);
  const explaining = explainingIn(session);
  const subject = await findTask(explaining, session.clients, task, clustersOf(session, options.cluster));
  const explained = await explainTasks(explaining, [subject]);
  session.failIfDenied();
  if (options.record !== undefined) {
    const jobs = await explaining.scrapeJobs();
    await write(
      options.record,
      recorder.file({ ...session.deployment.settings, ...(jobs && scrapeJobSettings(jobs)) }),
    );
  }
  show(parts, explained, options);
  if (options.record !== undefined && !options.json) {
    parts.terminal.print(
      '',
      `  AWS's answers are in ${options.record}. Read it before you share it: it has names, addresses and docker labels.`,
    );
  }
}

async function whyFrom(parts: CliParts, task: string | undefined, file: string, options: WhyOptions): Promise<void> {
  const recording = await readRecording(file);
  const wanted = recording.tasks.filter(
    ({ id }) => task === undefined || id.startsWith(task.slice(task.lastIndexOf('/') + 1)),
  );
  if (task !== undefined && wanted.length === 0) {
    const ids = recording.tasks.map(({ id }) => id);
    throw new Problem(
      `${file} has no task ${task}.`,
      ids.length > 0 ? `It has ${ids.join(', ')}.` : 'It has no task at all.',
    );
  }
  show(parts, await explainRecording({ ...recording, tasks: wanted }), options);
  if (options.json) return;
  for (const problem of recording.unread) parts.terminal.print('', yellow(`An event is passed over: ${problem}.`));
}

async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new Problem(
      `The recording could not be written: ${asError(error).message}`,
      'Name another file with --record.',
    );
  }
}

function show({ terminal }: CliParts, explained: readonly ExplainedTask[], { json }: CommonOptions): void {
  if (json) {
    printJson(terminal, explained);
    return;
  }
  if (explained.length === 0) {
    terminal.print(
      dim('The recording has no task.'),
      'Tasks are those of "events", and of the answers of DescribeTasks in "aws". Make a recording with: why TASK --record FILE',
    );
  }
  for (const [index, one] of explained.entries()) {
    if (index > 0) terminal.print('');
    terminal.print(...whyText(one, terminal.columns));
  }
}
