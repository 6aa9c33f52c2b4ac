/** What a deployed function has written into its log. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { loopbackClientConfig } from '../../infra/local/loopback.ts';

const clients = new Map<string, CloudWatchLogsClient>();

/** One for each account: tests ask again and again. */
function clientOf(endpoint: string): CloudWatchLogsClient {
  const client = clients.get(endpoint) ?? new CloudWatchLogsClient(loopbackClientConfig(endpoint));
  clients.set(endpoint, client);
  return client;
}

export const logLines = async (lambda: LambdaClient, endpoint: string, FunctionName: string): Promise<string[]> => {
  const { LoggingConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const { events = [] } = await clientOf(endpoint).send(
    new FilterLogEventsCommand({ logGroupName: LoggingConfig?.LogGroup, limit: 10_000 }),
  );
  return events.map(({ message = '' }) => message);
};
