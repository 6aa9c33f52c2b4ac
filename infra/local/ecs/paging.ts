import { invalidParameter } from './errors.ts';

/** ListTasks, ListServices and the like give at most this many results a page (ECS API reference). */
export const LARGEST_PAGE = 100;

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextToken?: string;
}

/**
 * One page of a list.
 *
 * @throws EcsError for a page size outside 1 … 100 and for a token that is none of ours.
 */
export const pageOf = <T>(
  all: readonly T[],
  { maxResults = LARGEST_PAGE, nextToken }: { maxResults?: number | undefined; nextToken?: string | undefined },
): Page<T> => {
  if (!Number.isInteger(maxResults) || maxResults < 1 || maxResults > LARGEST_PAGE) {
    throw invalidParameter(`maxResults must be between 1 and ${LARGEST_PAGE}.`);
  }
  const start = nextToken === undefined ? 0 : Number(Buffer.from(nextToken, 'base64url').toString());
  if (!Number.isInteger(start) || (nextToken !== undefined && start < 1)) throw invalidParameter('Invalid token.');
  const end = start + maxResults;
  const items = all.slice(start, end);
  return end < all.length ? { items, nextToken: Buffer.from(String(end)).toString('base64url') } : { items };
};
