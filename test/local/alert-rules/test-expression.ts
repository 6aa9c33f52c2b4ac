import { writeFile } from 'node:fs/promises';
import { promtool } from './promtool.ts';

export interface ExpressionCase {
  readonly expression: string;
  /** One sample a minute, in promtool's notation. */
  readonly series: Readonly<Record<string, string>>;
  /** When it is evaluated, such as `12m`. */
  readonly at: string;
  /** The series of its result, such as `{service="web"}`, with their values. */
  readonly gives: Readonly<Record<string, number>>;
}

/**
 * Evaluates an expression in `promtool`.
 *
 * @param path - of a file for promtool that is written
 * @throws when it gives something else.
 */
export const testExpression = async (
  path: string,
  { expression, series, at, gives }: ExpressionCase,
): Promise<void> => {
  const test = {
    interval: '1m',
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    promql_expr_test: [
      {
        expr: expression,
        eval_time: at,
        exp_samples: Object.entries(gives).map(([labels, value]) => ({ labels, value })),
      },
    ],
  };
  await writeFile(path, JSON.stringify({ evaluation_interval: '1m', tests: [test] }));
  await promtool('test', 'rules', path);
};
