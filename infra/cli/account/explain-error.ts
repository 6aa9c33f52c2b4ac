/** What went wrong, in words for a person, and what to do; never a stack trace. */
import { isDenied, isNamed, isThrottle } from '../../../functions/aws/errors.ts';
import { SourceClosed } from '../../../functions/aws/source-role.ts';
import { Problem } from '../problem.ts';
import { requestOf } from './requests.ts';

const NO_CREDENTIALS = ['CredentialsProviderError', 'TokenProviderError', 'ProviderError'];
const EXPIRED = ['ExpiredToken', 'ExpiredTokenException', 'RequestExpired'];
const WRONG_CREDENTIALS = [
  'InvalidClientTokenId',
  'UnrecognizedClientException',
  'SignatureDoesNotMatch',
  'InvalidSignatureException',
  'AuthFailure',
];
const NO_CONNECTION = [
  'TimeoutError',
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ETIMEDOUT',
];

/** @returns the error itself where it was made for a person */
export function explainError(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const message = error instanceof Error ? error.message : String(error);
  const request = requestOf(error);
  const subject = request ?? 'A request to AWS';
  const problem = (text: string, advice?: string): Problem => new Problem(text, advice, { cause: error });
  if (error instanceof SourceClosed) {
    return problem(
      error.message,
      'If the functions get in, as "resync" tells, only you do not: docs/operations.md says what your role needs.',
    );
  }
  if (isNamed(error, ...NO_CREDENTIALS)) {
    return problem(
      `There are no AWS credentials: ${message}`,
      'Name a profile with --profile or AWS_PROFILE, or sign in with "aws sso login" or "aws configure".',
    );
  }
  if (/region is missing/i.test(message)) {
    return problem('No Region is set.', 'Name that of the deployment with --region or AWS_REGION.');
  }
  if (isNamed(error, ...EXPIRED)) {
    return problem(`The AWS credentials have expired: ${message}`, 'Sign in again, for instance with "aws sso login".');
  }
  if (isNamed(error, ...WRONG_CREDENTIALS)) {
    return problem(
      `AWS does not accept the credentials: ${message}`,
      'Check the profile, and that the Region belongs to its account.',
    );
  }
  if (isDenied(error)) {
    return problem(
      `You are not allowed to use ${request ?? 'something that is needed here'}: ${message}`,
      `Ask for the permission ${request ?? 'named there'}. docs/operations.md has the policy that the command line needs.`,
    );
  }
  if (isThrottle(error)) {
    return problem(
      `AWS throttles ${request ?? 'the account'}: ${message}`,
      'Wait a moment and try again. The limit is shared by the whole account and Region, the discovery included: if it lasts, find out who else polls this API.',
    );
  }
  if (NO_CONNECTION.some((name) => isNamed(error, name) || codesOf(error).includes(name))) {
    return problem(
      `${subject} got no answer: ${message || codesOf(error).join(', ')}`,
      'Check the network, the Region, and --endpoint-url if you gave one.',
    );
  }
  const name = error instanceof Error && error.name !== 'Error' ? `${error.name}: ` : '';
  return problem(request === undefined ? `${name}${message}` : `${request} failed: ${name}${message}`);
}

/** Codes of Node, which are on the error, or on those that caused it. */
function codesOf(error: unknown, depth = 0): string[] {
  if (typeof error !== 'object' || error === null || depth > 3) return [];
  const { code, cause, errors } = error as { code?: unknown; cause?: unknown; errors?: unknown };
  return [
    ...(typeof code === 'string' ? [code] : []),
    ...codesOf(cause, depth + 1),
    ...(Array.isArray(errors) ? errors.flatMap((one) => codesOf(one, depth + 1)) : []),
  ];
}
