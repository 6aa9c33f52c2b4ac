import { loopbackEndpoint } from '../loopback.ts';

/** One series of an instant query's answer. */
export interface Sample {
  /** Labels of the series; the metric's name is `__name__`. */
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** Seconds since 1970. */
  readonly time: number;
}

/** Prometheus did not accept or could not answer a query. The message holds the expression and what it said. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
}

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: { readonly resultType: string; readonly result: unknown };
}

type Vector = readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[];

const numberOf = (text: string): number => Number(text.replace('Inf', 'Infinity'));

/**
 * Asks Prometheus for the value of an expression now.
 *
 * @param endpoint - of a Prometheus on this machine, such as `http://127.0.0.1:9090`.
 * @returns one sample a series; a scalar is one sample without labels.
 * @throws {@link QueryError} for an expression that Prometheus refuses, or that gives neither vector nor scalar.
 */
export const instantQuery = async (endpoint: string, expression: string): Promise<Sample[]> => {
  const response = await fetch(`${loopbackEndpoint(endpoint)}/api/v1/query`, {
    method: 'POST',
    body: new URLSearchParams({ query: expression }),
    signal: AbortSignal.timeout(30_000),
  });
  const { status, error, data } = (await response.json()) as Answer;
  if (status !== 'success' || data === undefined) throw new QueryError(`${expression}: ${error}`);
  if (data.resultType === 'vector') {
    return (data.result as Vector).map(({ metric, value: [time, value] }) => ({
      labels: metric,
      value: numberOf(value),
      time,
    }));
  }
  if (data.resultType === 'scalar') {
    const [time, value] = data.result as [number, string];
    return [{ labels: {}, value: numberOf(value), time }];
  }
  throw new QueryError(`${expression}: gives a ${data.resultType}, not a vector`);
};
