import { describe, expect, it } from '@jest/globals';
import { describeError, isDenied, isNamed, isThrottle } from '../../../functions/aws/errors.ts';
import { awsError } from '../../factories/senders.ts';

describe('an error of AWS', () => {
  it.each([
    'ThrottlingException',
    'TooManyUpdates',
    'TooManyRequestsException',
    'RequestLimitExceeded',
    'RateLimitExceeded',
    'Throttling',
  ])('%s is a throttle', (name) => {
    expect(isThrottle(awsError(name))).toBe(true);
  });

  it.each(['ParameterNotFound', 'TimeoutError', 'InternalServerError', 'Error'])('%s is none', (name) => {
    expect(isThrottle(awsError(name))).toBe(false);
  });

  it('is told by its name alone', () => {
    expect(isThrottle('ThrottlingException')).toBe(false);
    expect(isThrottle({ name: 'ThrottlingException' })).toBe(false);
    expect(isNamed(awsError('InstanceNotFound'), 'ServiceNotFound', 'InstanceNotFound')).toBe(true);
    expect(isNamed(awsError('ServiceNotFound'), 'InstanceNotFound')).toBe(false);
  });

  it('is one line with its name; a missing permission says where to look', () => {
    expect(describeError(awsError('InternalServerError', 'try later'))).toBe('InternalServerError: try later');
    expect(describeError(awsError('AccessDeniedException', 'not authorized to perform: ssm:GetParameters'))).toBe(
      'AccessDeniedException: not authorized to perform: ssm:GetParameters (the role of this function or container lacks the permission named here)',
    );
    expect(describeError('text')).toBe('text');
    expect(isDenied(awsError('UnauthorizedOperation'))).toBe(true);
  });
});
