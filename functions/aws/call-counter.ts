/** Counts the requests that SDK clients send, retries included. */
import type { SSMClient } from '@aws-sdk/client-ssm';

type Countable = { readonly middlewareStack: Pick<SSMClient['middlewareStack'], 'add'> };

/** @returns how many requests these clients have sent since */
export function countCalls(clients: readonly unknown[]): () => number {
  let calls = 0;
  for (const client of clients) {
    (client as Countable).middlewareStack.add(
      (next) => (args) => {
        calls++;
        return next(args);
      },
      { step: 'deserialize', name: 'countCalls' },
    );
  }
  return () => calls;
}
