/** Invokes the resync function, and follows the runs with which a long one goes on by itself. */
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { Clock } from '../../../functions/discovery/clock.ts';
import type { ResyncRequest, ResyncSummary } from '../../../functions/resync/resync-summary.ts';
import { Problem } from '../problem.ts';
import type { AccountClients } from './account-clients.ts';
import { linesIn, logGroupOf } from './function-log.ts';

/** @throws Problem where the function failed, or what AWS answers */
export async function invokeResync(
  { lambda }: Pick<AccountClients, 'lambda'>,
  functionName: string,
  request: ResyncRequest,
): Promise<ResyncSummary> {
  const { FunctionError, Payload } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) }),
  );
  const text = Payload === undefined ? '' : new TextDecoder().decode(Payload);
  if (FunctionError === undefined) return JSON.parse(text) as ResyncSummary;
  const { errorMessage = text } = JSON.parse(text || '{}') as { errorMessage?: string };
  throw new Problem(
    `The resync function failed: ${errorMessage}`,
    'Nothing was removed because of it. If the message does not say what to do, read the log of the function.',
  );
}

const PAUSE = 5000;
/** A run takes 15 minutes at most, and its line may be some seconds late. */
const LONGEST_RUN = 17 * 60_000;

/** The line that ends each run: see functions/resync/handler.ts. */
interface RunLine extends ResyncSummary {
  readonly request: ResyncRequest;
}

/**
 * The further runs of a resync that was not complete, each as soon as its line is in the log; the last one is complete.
 *
 * @param since milliseconds since 1970, when the first run was invoked
 * @throws Problem where no further run ends in time
 */
export async function* furtherRuns(
  clients: Pick<AccountClients, 'lambda' | 'logs'>,
  functionName: string,
  since: number,
  clock: Clock,
): AsyncGenerator<ResyncSummary> {
  const logGroupName = await logGroupOf(clients, functionName);
  const seen = new Set<string>();
  let until = clock.now() + LONGEST_RUN;
  while (clock.now() < until) {
    for (const { eventId, fields } of await linesIn<RunLine>(clients, logGroupName, 'resync', since)) {
      if (seen.has(eventId)) continue;
      seen.add(eventId);
      if (fields.request.resumeAt === undefined) continue;
      until = clock.now() + LONGEST_RUN;
      yield fields;
      if (fields.complete) return;
    }
    await clock.sleep(PAUSE);
  }
  throw new Problem(
    `The resync goes on in another run, and none has ended within ${LONGEST_RUN / 60_000} minutes.`,
    `Read the log group ${logGroupName}, then run "resync --dry-run" to see what is left.`,
  );
}
