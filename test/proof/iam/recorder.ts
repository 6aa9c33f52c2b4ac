/** A client in front of the account of the tests that writes down what each function sends. */
import type { Account } from '../../factories/account.ts';

export interface Sent {
  readonly from: string;
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly answer: unknown;
  /** Tags of the Cloud Map service that the request is about. */
  readonly serviceTags?: Readonly<Record<string, string>>;
}

/** What the account of the tests does not answer by itself. */
const ANSWERS: Readonly<Record<string, (input: Readonly<Record<string, unknown>>) => unknown>> = {
  DescribeClusters: ({ clusters }) => ({
    clusters: (clusters as string[]).map((clusterName) => ({ clusterName, tags: [{ key: 'team', value: 'shop' }] })),
  }),
  Invoke: () => ({ StatusCode: 202 }),
};

interface Command {
  readonly constructor: { readonly name: string };
  readonly input: Readonly<Record<string, unknown>>;
}

// biome-ignore lint/suspicious/noExplicitAny: it stands in for the overloads of every client
export type Sender = { send(command: any): Promise<any> };

export interface Client extends Sender {
  /** What the same function sends under the role of another account or Region. */
  readonly elsewhere: Sender;
}

/** The sender of what is sent under the role that another account or Region has for the deployment. */
export const SOURCE = 'source';

export function recorder(account: Account, sent: Sent[]): (from: string) => Client {
  const tagsOf = (serviceId: unknown) => account.services.get(String(serviceId).replace(/^srv-/, ''))?.tags;
  const sender = (from: string): Sender => ({
    async send(command: Command) {
      const operation = command.constructor.name.replace(/Command$/, '');
      const { input } = command;
      const serviceTags = tagsOf(input['ServiceId']);
      const note = (answer: unknown): void => {
        sent.push({ from, operation, input, answer, ...(serviceTags && { serviceTags }) });
      };
      try {
        const answer = await (ANSWERS[operation]?.(input) ?? account.client.send(command));
        note(answer);
        return answer;
      } catch (error) {
        note(error);
        throw error;
      }
    },
  });
  return (from) => ({ ...sender(from), elsewhere: sender(SOURCE) });
}
