import { SSMClient } from '@aws-sdk/client-ssm';
import { describe, expect, it } from '@jest/globals';
import { withAdvice } from '../../../containers/target-sync/operator/advice.ts';

const named = (name: string): Error => Object.assign(new Error('it failed'), { name });
const coded = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { code });

describe('the advice of target-sync', () => {
  it.each([
    ['a throttled request', named('ThrottlingException'), 'who else reads parameters'],
    ['a missing permission', named('AccessDeniedException'), 'let the task role'],
    ['a queue that is gone', named('QueueDoesNotExist'), 'TARGET_SYNC_QUEUE_URL'],
    ['an old signature', named('InvalidSignatureException'), 'the clock of the host'],
    ['a full disk', coded('ENOSPC'), 'make room on the volume'],
    ['a host that is not found', coded('ENOTFOUND'), 'NAT, VPC endpoints, security group'],
    ['an answer that does not come', named('TimeoutError'), 'the way from the task'],
    ['anything else', named('Strange'), 'tried again'],
  ])('says what to do about %s, after what the error says of itself', (_, error, advice) => {
    expect(withAdvice(error)).toMatch(/it failed.* – /);
    expect(withAdvice(error)).toContain(advice);
  });

  it('says what to do where the SDK finds no credentials', async () => {
    const before = process.env;
    const nowhere = { AWS_CONFIG_FILE: '/dev/null', AWS_SHARED_CREDENTIALS_FILE: '/dev/null' };
    process.env = { ...nowhere, AWS_EC2_METADATA_DISABLED: 'true' };
    try {
      const { credentials } = new SSMClient({ region: 'eu-west-1' }).config;
      const error: unknown = await credentials().catch((thrown: unknown) => thrown);
      expect(withAdvice(error)).toContain('give the task a role');
    } finally {
      process.env = before;
    }
  });
});
