import { asError } from '../../../functions/aws/errors.ts';

/** What an error says of itself: its name where that says something, and its message. */
export function errorText(error: unknown): string {
  const { name, message } = asError(error);
  return name === 'Error' ? message : `${name}: ${message}`;
}
