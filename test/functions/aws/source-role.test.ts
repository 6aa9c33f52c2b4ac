import { describe, expect, it } from '@jest/globals';
import { assumedRole, SourceClosed } from '../../../functions/aws/source-role.ts';
import { virtualClock } from '../../factories/clock.ts';
import { awsError, type FakeClient, fakeClient } from '../../factories/senders.ts';

const ROLE = {
  arn: 'arn:aws:iam::444455556666:role/discovery-source-eu-north-1',
  externalId: 'x-1',
  sessionName: 'discovery',
  advice: 'deploy the stack',
};
const HOUR = 60 * 60_000;

function sts(answer?: () => unknown) {
  const clock = virtualClock();
  const client: FakeClient = fakeClient({
    AssumeRole: () =>
      answer?.() ?? {
        Credentials: {
          ...{ AccessKeyId: `A${client.calls('AssumeRole')}`, SecretAccessKey: 's', SessionToken: 't' },
          Expiration: new Date(clock.now() + HOUR),
        },
      },
  });
  return { clock, client, credentials: assumedRole(async () => client, ROLE, clock) };
}

describe('the role of a source', () => {
  it('is assumed with the external id', async () => {
    const { client, credentials, clock } = sts();
    expect(await credentials()).toEqual({
      accessKeyId: 'A1',
      secretAccessKey: 's',
      sessionToken: 't',
      expiration: new Date(clock.now() + HOUR),
    });
    expect(client.sent).toEqual([
      {
        operation: 'AssumeRole',
        input: { RoleArn: ROLE.arn, ExternalId: 'x-1', RoleSessionName: 'discovery' },
      },
    ]);
  });

  it('is assumed once for all requests at once, and again before it expires', async () => {
    const { client, credentials, clock } = sts();
    await Promise.all([credentials(), credentials()]);
    clock.advance(54 * 60_000);
    expect(await credentials()).toMatchObject({ accessKeyId: 'A1' });
    clock.advance(60_000);
    expect(await credentials()).toMatchObject({ accessKeyId: 'A2' });
    expect(client.calls('AssumeRole')).toBe(2);
  });

  it('that does not let us in says what to do', async () => {
    const { credentials } = sts(() => {
      throw awsError('AccessDenied', 'User is not authorized to perform: sts:AssumeRole');
    });
    const error = await credentials().catch((it: unknown) => it);
    expect(error).toBeInstanceOf(SourceClosed);
    expect(error).toMatchObject({ message: `role ${ROLE.arn} cannot be assumed: deploy the stack` });
  });

  it('is asked for again after a failure, which is not taken for a closed door', async () => {
    const failures = [awsError('ThrottlingException'), awsError('AccessDenied')];
    const { credentials } = sts(() => {
      const error = failures.shift();
      if (error) throw error;
      return undefined;
    });
    await expect(credentials()).rejects.toMatchObject({ name: 'ThrottlingException' });
    await expect(credentials()).rejects.toMatchObject({ name: 'SourceClosed' });
    expect(await credentials()).toMatchObject({ accessKeyId: 'A3' });
  });

  it('that answers without credentials is an error', async () => {
    const { credentials } = sts(() => ({}));
    await expect(credentials()).rejects.toThrow(`AssumeRole did not answer with credentials of ${ROLE.arn}`);
  });
});
