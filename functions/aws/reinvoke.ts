/** Lets a Lambda go on in another invocation of itself when its time is up. */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { LazySender } from './clients.ts';

export interface Resumption {
  /** Invokes a function without waiting for it. */
  invoke(functionName: string, payload: unknown): Promise<void>;
}

export function createResumption(connect: LazySender<LambdaClient>): Resumption {
  return {
    async invoke(functionName, payload) {
      const { InvokeCommand } = await import('@aws-sdk/client-lambda');
      await (await connect()).send(
        new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: JSON.stringify(payload) }),
      );
    },
  };
}
