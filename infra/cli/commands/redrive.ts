/** `redrive STAGE`: puts the dead letters of a stage back into its queue. */
import {
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  type ListMessageMoveTasksResultEntry,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { Problem } from '../problem.ts';
import { type CliParts, type CommonOptions, openSession, printJson, type Session } from '../session.ts';
import { count } from '../terminal/table.ts';

/**
 * Outputs of a stage's dead-letter queue and of the queue that it reads. The destination is always named: a message that
 * the stage put aside itself came from no queue that SQS knows of. Of the two queues of observe either does, because one
 * function reads both.
 */
const QUEUES = {
  observe: ['ObserveDeadLetters', 'RunsQueue'],
  store: ['StoreDeadLetters', 'StoreQueue'],
  register: ['RegisterDeadLetters', 'RegisterQueue'],
} as const;

export type Stage = keyof typeof QUEUES;
export const STAGES = Object.keys(QUEUES) as Stage[];

const PAUSE = 2000;
/** Milliseconds that are waited for the end; SQS goes on by itself. */
const LONGEST = 10 * 60_000;

export async function redrive(parts: CliParts, stage: Stage, options: CommonOptions): Promise<void> {
  const session = await openSession(parts, options);
  const [from, to] = QUEUES[stage];
  const { sqs } = session.clients;
  const source = session.deployment.optionalOutput(from);
  if (source === undefined) throw new Problem(`This deployment has no ${stage} stage: Cloud Map is not used.`);
  const [SourceArn, DestinationArn] = await Promise.all([
    arnOf(session, source),
    arnOf(session, session.deployment.output(to)),
  ]);
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn }));
  const end = await untilMoved(session, SourceArn);
  const moved = end?.ApproximateNumberOfMessagesMoved ?? 0;
  if (options.json) {
    printJson(parts.terminal, { stage, status: end?.Status ?? 'RUNNING', moved });
    return;
  }
  if (end?.Status === 'FAILED') {
    throw new Problem(
      `SQS could not move the dead letters of ${stage}: ${end.FailureReason ?? 'it does not say why'}`,
      `${count(moved, 'message')} moved. Try again.`,
    );
  }
  parts.terminal.print(
    end?.Status === 'COMPLETED'
      ? `${count(moved, 'message')} moved back. "status" shows whether any comes to rest there again.`
      : `${count(moved, 'message')} moved so far; SQS goes on by itself.`,
  );
}

async function arnOf({ clients }: Session, QueueUrl: string): Promise<string> {
  const { Attributes = {} } = await clients.sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }),
  );
  return Attributes.QueueArn ?? '';
}

/** The newest move of a queue, when it has ended or the time is up. */
async function untilMoved(
  { clients, clock, terminal }: Session,
  SourceArn: string,
): Promise<ListMessageMoveTasksResultEntry | undefined> {
  const until = clock.now() + LONGEST;
  for (;;) {
    const { Results = [] } = await clients.sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }));
    const [move] = Results;
    if (move?.Status !== 'RUNNING' || clock.now() >= until) return move;
    terminal.progress(`${move.ApproximateNumberOfMessagesMoved ?? 0} messages moved …`);
    await clock.sleep(PAUSE);
  }
}
