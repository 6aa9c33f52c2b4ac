/** The answers in a recording as the SDK would hand them over. */
import { Problem } from '../problem.ts';
import { ANSWER_SHAPES } from './answer-shapes.ts';
import { isList, type RecordedAnswer, type RecordedAnswers } from './recorded-answers.ts';

/**
 * @param name of the file, for messages
 * @throws Problem naming what is not as AWS answers it
 */
export function checkedAnswers(aws: RecordedAnswers, name: string): RecordedAnswers {
  const answers = withoutNulls(aws) as RecordedAnswers;
  const wrong = Object.entries(answers).flatMap(([operation, recorded]) =>
    isList(recorded)
      ? recorded.flatMap(({ answer }, index) => wrongIn(answer, operation, ['aws', operation, index, 'answer']))
      : wrongIn(recorded, operation, ['aws', operation]),
  );
  if (wrong.length === 0) return answers;
  throw new Problem(
    `${name} has answers that are not as AWS gives them: wrong ${[...new Set(wrong)].join(', ')}`,
    'Correct them: lists stand in brackets, docker labels and tags are text in quotes, ports are numbers. Or make a recording with: why TASK --record FILE',
  );
}

function wrongIn(answer: RecordedAnswer, operation: string, at: readonly (string | number)[]): string[] {
  const shape = Object.hasOwn(ANSWER_SHAPES, operation) ? ANSWER_SHAPES[operation] : undefined;
  if (shape === undefined || typeof answer['throws'] === 'string') return [];
  return shape.safeParse(answer).error?.issues.map(({ path }) => [...at, ...path].join('.')) ?? [];
}

/** The SDK leaves out what is null. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([, item]) => item !== null);
  return Object.fromEntries(kept.map(([key, item]) => [key, withoutNulls(item)]));
}
