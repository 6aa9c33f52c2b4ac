/**
 * An SDK client that answers from a file: by operation one answer, or a list of answers chosen by the request. The form is
 * that of test/fixtures/cases/README.md.
 */
import { awsError, type FakeClient, fakeClient } from '../factories/senders.ts';

/** What an operation answers, or the error that it ends with. */
export type RecordedAnswer = Readonly<Record<string, unknown>> | { readonly throws: string; readonly message?: string };

/** An answer for requests that have these values; without `when` for all others. */
export interface ChosenAnswer {
  readonly when?: Readonly<Record<string, unknown>>;
  readonly answer: RecordedAnswer;
}

export type RecordedAnswers = Readonly<Record<string, RecordedAnswer | readonly ChosenAnswer[]>>;

export function recordedClient(answers: RecordedAnswers): FakeClient {
  const respond = (operation: string, input: Readonly<Record<string, unknown>>): unknown => {
    const answer = choose(answers[operation], input);
    if (answer === undefined) throw new Error(`the case has no answer for ${operation}`);
    if (typeof answer['throws'] === 'string') throw awsError(answer['throws'], String(answer['message'] ?? ''));
    return answer;
  };
  return fakeClient(
    Object.fromEntries(
      Object.keys(answers).map((operation) => [operation, (input: never) => respond(operation, input)]),
    ),
  );
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

const isList = (recorded: RecordedAnswers[string] | undefined): recorded is readonly ChosenAnswer[] =>
  Array.isArray(recorded);

/** A field of a request has a value when it is that value, a list with it, or the ARN that ends with it. */
function says(field: unknown, value: unknown): boolean {
  if (Array.isArray(field)) return field.some((item) => says(item, value));
  return field === value || (typeof field === 'string' && typeof value === 'string' && field.endsWith(`/${value}`));
}
