/** Invokes the resync function, and follows the runs with which a long one goes on by itself. */
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, InvokeCommand } from '@aws-sdk/client-lambda';
import { allPages } from '../../../functions/aws/paging.ts';
import type { Clock } from '../../../functions/discovery/clock.ts';
import type { ResyncRequest, ResyncSummary } from '../../../functions/resync/resync-summary.ts';
import { Problem } from '../problem.ts';
import type { AccountClients } from './account-clients.ts';

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
  readonly message: string;
  readonly request: ResyncRequest;
}

/**
 * The further runs of a resync that was not complete, each as soon as its line is in the log; the last one is complete.
 *
 * @param since milliseconds since 1970, when the first run was invoked
 * @throws Problem where no further run ends in time
 */
export async function* furtherRuns(
  { lambda, logs }: Pick<AccountClients, 'lambda' | 'logs'>,
  functionName: string,
  since: number,
  clock: Clock,
): AsyncGenerator<ResyncSummary> {
  const { LoggingConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
  const logGroupName = LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`;
  const seen = new Set<string>();
  let until = clock.now() + LONGEST_RUN;
  while (clock.now() < until) {
    const lines = await allPages(async (nextToken) => {
      const page = await logs.send(
        new FilterLogEventsCommand({
          logGroupName,
          startTime: since,
          filterPattern: '{ $.message = "resync" }',
          nextToken,
        }),
      );
      return { items: page.events ?? [], next: page.nextToken };
    });
    for (const { eventId = '', message = '' } of lines) {
      if (seen.has(eventId)) continue;
      seen.add(eventId);
      const line = JSON.parse(message) as RunLine;
      if (line.request.resumeAt === undefined) continue;
      until = clock.now() + LONGEST_RUN;
      yield line;
      if (line.complete) return;
    }
    await clock.sleep(PAUSE);
  }
  throw new Problem(
    `The resync goes on in another run, and none has ended within ${LONGEST_RUN / 60_000} minutes.`,
    `Read the log group ${logGroupName}, then run "resync --dry-run" to see what is left.`,
  );
}
