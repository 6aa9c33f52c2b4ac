/** The number of shards that is deployed, which may be another by now than the one that a function began with. */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import { ENVIRONMENT } from '../discovery/names.ts';
import type { LazySender } from './clients.ts';

/** @returns shards of each cluster, as the settings of the function say; NaN where they do not */
type DeployedShards = (functionName: string) => Promise<number>;

export function createDeployedShards(connect: LazySender<LambdaClient>): DeployedShards {
  return async (functionName) => {
    const { GetFunctionConfigurationCommand } = await import('@aws-sdk/client-lambda');
    const command = new GetFunctionConfigurationCommand({ FunctionName: functionName });
    const { Environment } = await (await connect()).send(command);
    return Number(Environment?.Variables?.[ENVIRONMENT.shards]);
  };
}
