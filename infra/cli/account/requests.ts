/** Every request of the command line passes here, so that errors name it and a recording can keep its answer. */

/** What an SDK client is to those who only send. */
export interface AnySender {
  // biome-ignore lint/suspicious/noExplicitAny: it stands in for the overloads of every client
  send(command: any, options?: any): Promise<any>;
}

/** One request and what AWS answered. */
export interface Exchange {
  /** Such as `DescribeTasks`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly answer: Readonly<Record<string, unknown>> | Error;
}

interface Command {
  readonly input: Readonly<Record<string, unknown>>;
  readonly constructor: { readonly name: string };
}

const failedRequests = new WeakMap<object, string>();

/** The request that an error is the answer to, as IAM writes it: `ecs:DescribeTasks`. */
export const requestOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null ? failedRequests.get(error) : undefined;

const operationOf = (command: Command): string => command.constructor.name.replace(/Command$/, '');

/**
 * A client whose errors know their request.
 *
 * @param service as IAM names it
 * @param onExchange is told of every answer
 */
export function watched<Client extends AnySender>(
  client: Client,
  service: string,
  onExchange: (exchange: Exchange) => void = () => {},
): Client {
  const send = async (command: Command, options?: unknown): Promise<unknown> => {
    const operation = operationOf(command);
    try {
      const answer = await client.send(command, options);
      onExchange({ operation, input: command.input, answer });
      return answer;
    } catch (error) {
      if (error instanceof Error) {
        failedRequests.set(error, `${service}:${operation}`);
        onExchange({ operation, input: command.input, answer: error });
      }
      throw error;
    }
  };
  return { send } as Client;
}
