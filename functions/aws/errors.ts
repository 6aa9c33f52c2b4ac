/** What the names of AWS errors mean, whichever service they come from. */

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : '');

/** The request was refused because there were too many; it did nothing and may be tried again. */
export const isThrottle = (error: unknown): boolean =>
  [
    'ThrottlingException',
    'TooManyUpdates',
    'TooManyRequestsException',
    'RequestLimitExceeded',
    'RateLimitExceeded',
    'Throttling',
  ].includes(nameOf(error));

export const isNamed = (error: unknown, ...names: readonly string[]): boolean => names.includes(nameOf(error));

/** Missing permission: trying again is of no use until somebody changes the role. */
export const isDenied = (error: unknown): boolean =>
  isNamed(error, 'AccessDeniedException', 'AccessDenied', 'UnauthorizedOperation', 'UnrecognizedClientException');

/** An error, whatever was thrown. */
export const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));

/** One line for a log: the name and message of an error, never the request that caused it. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const hint = isDenied(error) ? ' (the role of this function or container lacks the permission named here)' : '';
  return `${error.name}: ${error.message}${hint}`;
}
