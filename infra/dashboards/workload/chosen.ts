import { rate } from '../queries.ts';

/** Matchers of the tasks that the reader has chosen. */
export const CHOSEN = 'cluster=~"$cluster",service=~"$service",taskid=~"$taskid"';

/** Requests answered a second; `more` are further matchers, such as `,status="200"`. */
export const requests = (more = '') => rate(`http_requests_total{${CHOSEN}${more}}`);

const duration = (part: 'sum' | 'count' | 'bucket') => rate(`request_duration_milliseconds_${part}{${CHOSEN}}`);

/** Mean time of a request, in milliseconds; `by` such as `by (service)`. */
export const averageLatency = (by?: string) => {
  const sum = by === undefined ? 'sum' : `sum ${by}`;
  return `${sum} (${duration('sum')}) / ${sum} (${duration('count')})`;
};

/** Time in milliseconds that this share of the requests does not exceed, read from the histogram. */
export const latencyQuantile = (share: number) => `histogram_quantile(${share}, sum by (le) (${duration('bucket')}))`;
