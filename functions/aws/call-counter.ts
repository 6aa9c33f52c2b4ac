/** Counts the requests that SDK clients send, retries included. */
import type { SSMClient } from '@aws-sdk/client-ssm';

interface CallCounter {
  /** Counts the requests of a client from now on. */
  watch<Client extends object>(client: Client): Client;
  total(): number;
}

type Countable = { readonly middlewareStack: Pick<SSMClient['middlewareStack'], 'add'> };

export function createCallCounter(): CallCounter {
  let calls = 0;
  return {
    watch(client) {
      (client as unknown as Countable).middlewareStack.add(
        (next) => (args) => {
          calls++;
          return next(args);
        },
        { step: 'deserialize', name: 'countCalls' },
      );
      return client;
    },
    total: () => calls,
  };
}
