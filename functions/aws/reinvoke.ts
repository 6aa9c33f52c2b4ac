/** Lets a Lambda go on in another invocation of itself when its time is up. */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { LazySender } from './clients.ts';

/** Invokes a function without waiting for it. */
type Reinvoke = (functionName: string, payload: unknown) => Promise<void>;

export function createReinvoke(connect: LazySender<LambdaClient>): Reinvoke {
  return async (functionName, payload) => {
    const { InvokeCommand } = await import('@aws-sdk/client-lambda');
    await (await connect()).send(
      new InvokeCommand({ FunctionName: functionName, InvocationType: 'Event', Payload: JSON.stringify(payload) }),
    );
  };
}
