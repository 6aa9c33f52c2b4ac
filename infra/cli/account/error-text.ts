import { asError } from '../../../functions/aws/errors.ts';
import { requestOf } from './requests.ts';

/** Names that AWS does not give: the message says it all. */
const SAY_NOTHING = ['Error', 'MalformedTask', 'NotRecorded'];

/** What an error says of itself: the request that it answers, its name where that says something, and its message. */
export function errorText(error: unknown): string {
  const { name, message } = asError(error);
  return [requestOf(error), SAY_NOTHING.includes(name) ? undefined : name, message].filter(Boolean).join(': ');
}
