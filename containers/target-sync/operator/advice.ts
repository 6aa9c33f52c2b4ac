import { describeError, isDenied, isNamed, isThrottle } from '../../../functions/aws/errors.ts';
import { TARGET_SYNC_ENVIRONMENT } from '../../../functions/discovery/target-sync-environment.ts';

/** The code that Node gives to what a file or a connection does, such as `ENOSPC`. */
const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;

/** What an operator can do about an error, after what it says of itself. */
export function withAdvice(error: unknown): string {
  return `${withoutPath(describeError(error))} – ${advice(error)}`;
}

/** A file error ends in the path, here a temporary name: the same problem must read the same each time. */
const withoutPath = (description: string): string => description.replace(/ '[^']*\.tmp'.*$/, '');

function advice(error: unknown): string {
  if (isThrottle(error)) {
    return 'tried again more slowly; if it lasts, see who else reads parameters, or turn on the higher throughput of Parameter Store';
  }
  if (isDenied(error)) return 'let the task role read the shard parameters and use the queue of this collector';
  if (isNamed(error, 'CredentialsProviderError')) {
    return 'give the task a role, or credentials where the SDK looks for them';
  }
  if (isNamed(error, 'QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue')) {
    return `deploy the stack, and set ${TARGET_SYNC_ENVIRONMENT.queueUrl} to the queue of this collector`;
  }
  if (isNamed(error, 'ExpiredTokenException', 'InvalidSignatureException', 'SignatureDoesNotMatch')) {
    return 'check the credentials and the clock of the host';
  }
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `make room on the volume of ${TARGET_SYNC_ENVIRONMENT.directory}`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return `let the user of target-sync write to ${TARGET_SYNC_ENVIRONMENT.directory}`;
    case 'ENOENT':
    case 'ENOTDIR':
      return `mount the volume of ${TARGET_SYNC_ENVIRONMENT.directory}`;
    case 'ECONNREFUSED':
    case 'ECONNRESET':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
      return 'check the way from the task to the endpoints of SSM and SQS (NAT, VPC endpoints, security group)';
  }
  if (isNamed(error, 'TimeoutError')) return 'check the way from the task to the endpoints of SSM and SQS';
  return 'tried again';
}
