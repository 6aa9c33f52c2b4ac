/**
 * An SDK client that answers from a file: by operation one answer, or a list of answers chosen by the request. The form is
 * that of test/fixtures/cases/README.md.
 */
import { isDeepStrictEqual } from 'node:util';

/** What an operation answers, or the error that it ends with. */
export type RecordedAnswer = Readonly<Record<string, unknown>> | { readonly throws: string; readonly message?: string };

/** An answer for requests that have these values; without `when` for all others. */
export interface ChosenAnswer {
  readonly when?: Readonly<Record<string, unknown>>;
  readonly answer: RecordedAnswer;
}

export type RecordedAnswers = Readonly<Record<string, RecordedAnswer | readonly ChosenAnswer[]>>;

/** The recording does not say what AWS answers to a request. */
export class NotRecorded extends Error {
  override readonly name = 'NotRecorded';
}

export function recordedClient(answers: RecordedAnswers) {
  return {
    // biome-ignore lint/suspicious/noExplicitAny: it stands in for the overloads of every client
    async send(command: any): Promise<any> {
      const operation = String(command.constructor.name).replace(/Command$/, '');
      const answer = choose(answers[operation], command.input);
      if (answer === undefined) throw new NotRecorded(`the recording has no answer of ${operation}`);
      if (typeof answer['throws'] !== 'string') return answer;
      throw Object.assign(new Error(String(answer['message'] ?? '')), { name: answer['throws'] });
    },
  };
}

function choose(
  recorded: RecordedAnswers[string] | undefined,
  input: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | undefined {
  if (!isList(recorded)) return recorded;
  const fits = ({ when = {} }: ChosenAnswer): boolean =>
    Object.entries(when).every(([name, value]) => says(input[name], value));
  return recorded.find(fits)?.answer;
}

export const isList = (recorded: RecordedAnswers[string] | undefined): recorded is readonly ChosenAnswer[] =>
  Array.isArray(recorded);

/** A field of a request has a value when it is that value, a list with it or all of it, or the ARN that ends with it. */
function says(field: unknown, value: unknown): boolean {
  if (Array.isArray(value)) return value.every((one) => says(field, one));
  if (Array.isArray(field)) return field.some((item) => says(item, value));
  if (typeof field === 'string' && typeof value === 'string') return field === value || field.endsWith(`/${value}`);
  return isDeepStrictEqual(field, value);
}
