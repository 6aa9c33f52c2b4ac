/** Lets a Lambda go on in another invocation of itself when its time is up. */
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

export interface Resumption {
  /** Invokes a function without waiting for it. */
  invoke(functionName: string, payload: unknown): Promise<void>;
}

export function createResumption(): Resumption {
  const client = new LambdaClient();
  return {
    async invoke(functionName, payload) {
      await client.send(
        new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: JSON.stringify(payload) }),
      );
    },
  };
}
