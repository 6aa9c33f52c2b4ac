/** Lines that a function of the deployment has written to its log. */
import { FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { allPages } from '../../../functions/aws/paging.ts';
import type { AccountClients } from './account-clients.ts';

export interface LogLine<Fields> {
  readonly eventId: string;
  readonly fields: Fields;
}

export async function logGroupOf({ lambda }: Pick<AccountClients, 'lambda'>, functionName: string): Promise<string> {
  const { LoggingConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName: functionName }));
  return LoggingConfig?.LogGroup ?? `/aws/lambda/${functionName}`;
}

/**
 * All lines with this message, in the order in which they were written.
 *
 * @param since milliseconds since 1970
 */
export async function linesIn<Fields>(
  { logs }: Pick<AccountClients, 'logs'>,
  logGroupName: string,
  message: string,
  since: number,
): Promise<LogLine<Fields>[]> {
  const filterPattern = `{ $.message = ${JSON.stringify(message)} }`;
  const events = await allPages(async (nextToken) => {
    const page = await logs.send(
      new FilterLogEventsCommand({ logGroupName, startTime: since, filterPattern, nextToken }),
    );
    return { items: page.events ?? [], next: page.nextToken };
  });
  return events.flatMap(({ eventId = '', message: text = '' }) => {
    const fields = fieldsOf(text);
    return fields?.['message'] === message ? [{ eventId, fields: fields as Fields }] : [];
  });
}

/** A line that is not JSON is one of Lambda itself. An emulated AWS may ignore the filter pattern and return those, too. */
function fieldsOf(line: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return JSON.parse(line);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return undefined;
  }
}
