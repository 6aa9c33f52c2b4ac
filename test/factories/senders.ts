/** SDK clients that answer from a table. */
type Answer = (input: never, call: number) => unknown;

export interface FakeClient {
  /** The name of each request with its input, in order. */
  readonly sent: { readonly operation: string; readonly input: Record<string, unknown> }[];
  /** How often each operation was asked for. */
  calls(operation: string): number;
  // biome-ignore lint/suspicious/noExplicitAny: it stands in for the overloads of every client
  send(command: any): Promise<any>;
}

/**
 * @param answers what to answer by operation, such as `DescribeTasks`; `call` counts the calls of the operation from 0
 */
export function fakeClient(answers: Readonly<Record<string, Answer>>): FakeClient {
  const sent: { operation: string; input: Record<string, unknown> }[] = [];
  const calls = (operation: string): number => sent.filter((it) => it.operation === operation).length;
  return {
    sent,
    calls,
    async send(command: { readonly input: Record<string, unknown>; readonly constructor: { readonly name: string } }) {
      const operation = command.constructor.name.replace(/Command$/, '');
      const answer = answers[operation];
      if (!answer) throw new Error(`nobody expected ${operation}`);
      const call = calls(operation);
      sent.push({ operation, input: command.input });
      return answer(command.input as never, call);
    },
  };
}

/** Clients that have to have credentials before they send, as those of the SDK. */
export function under(client: Pick<FakeClient, 'send'>, credentials: () => Promise<unknown>) {
  const sender: Pick<FakeClient, 'send'> = {
    async send(command) {
      await credentials();
      return client.send(command);
    },
  };
  return { ecs: sender, ec2: async () => sender };
}

/** An error as the SDK throws it. */
export const awsError = (name: string, message = 'Rate exceeded'): Error => Object.assign(new Error(message), { name });

/** Serves a list in pages of `size`; the token of the next page is its first index. A page may also be empty. */
export function pageOf<T>(all: readonly T[], size: number, token: string | undefined) {
  const start = Number(token ?? 0);
  const end = start + size;
  return { items: all.slice(start, end), next: end < all.length ? String(end) : undefined };
}
