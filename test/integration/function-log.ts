/** What a deployed function has written into its log. */
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { loopbackClientConfig } from '../../infra/local/loopback.ts';

export const logLines = async (lambda: LambdaClient, endpoint: string, FunctionName: string): Promise<string[]> => {
  const { LoggingConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const logs = new CloudWatchLogsClient(loopbackClientConfig(endpoint));
  const { events = [] } = await logs.send(
    new FilterLogEventsCommand({ logGroupName: LoggingConfig?.LogGroup, limit: 10_000 }),
  );
  return events.map(({ message = '' }) => message);
};
