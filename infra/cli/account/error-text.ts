import { asError } from '../../../functions/aws/errors.ts';
import { requestOf } from './requests.ts';

/** What an error says of itself: the request that it answers, its name where that says something, and its message. */
export function errorText(error: unknown): string {
  const { name, message } = asError(error);
  return [requestOf(error), name === 'Error' ? undefined : name, message].filter(Boolean).join(': ');
}
