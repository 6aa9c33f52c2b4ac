/** What a deployed function has written into its log. */
import { GetFunctionConfigurationCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { LOCAL_REGION } from '../../infra/local/loopback.ts';

export const logLines = async (lambda: LambdaClient, endpoint: string, FunctionName: string): Promise<string[]> => {
  const { LoggingConfig } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  // There is no client of CloudWatch Logs among the dependencies for this one request.
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'Logs_20140328.FilterLogEvents',
      authorization: `AWS4-HMAC-SHA256 Credential=test/20261125/${LOCAL_REGION}/logs/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify({ logGroupName: LoggingConfig?.LogGroup, limit: 10_000 }),
  });
  const { events = [] } = (await response.json()) as { events?: { message: string }[] };
  return events.map(({ message }) => message);
};
