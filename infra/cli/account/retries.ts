/** What a function cannot handle now, and why: it says so each time that it puts a message back. */
import type { Clock } from '../../../functions/discovery/clock.ts';
import type { AccountClients } from './account-clients.ts';
import { linesIn, logGroupOf } from './function-log.ts';

export interface Retry {
  readonly error: string;
  /** How many messages it keeps. */
  readonly messages: number;
}

/** See functions/lambda/queue-batch.ts. */
interface RetryLine {
  readonly messageId: string;
  readonly receiveCount: number;
  readonly error: string;
}

/** Messages are tried again after a minute at most, and a line may be some seconds late. */
const LOOK_BACK = 150_000;
/** Some tries fail in passing: ECS knows a task a moment after its event. */
const FEW_TRIES = 3;

/** The most frequent first. */
export async function retriesOf(
  clients: Pick<AccountClients, 'lambda' | 'logs'>,
  functionName: string,
  clock: Clock,
): Promise<Retry[]> {
  const group = await logGroupOf(clients, functionName);
  const lines = await linesIn<RetryLine>(clients, group, 'message is tried again', clock.now() - LOOK_BACK);
  const newest = new Map(lines.map(({ fields }) => [fields.messageId, fields]));
  const lasting = [...newest.values()].filter(({ receiveCount }) => receiveCount >= FEW_TRIES);
  return [...Map.groupBy(lasting, ({ error }) => error)]
    .map(([error, some]) => ({ error, messages: some.length }))
    .sort((a, b) => b.messages - a.messages);
}
