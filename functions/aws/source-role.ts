/** Credentials of the role that the stack of another account or Region (`EcsClusterSource`) has for this deployment. */
import type { STSClient } from '@aws-sdk/client-sts';
import type { Clock } from '../discovery/clock.ts';
import type { LazySender } from './clients.ts';
import type { CredentialProvider, Credentials } from './credentials.ts';
import { isDenied } from './errors.ts';

export interface SourceRole {
  readonly arn: string;
  readonly externalId: string;
  readonly sessionName: string;
  /** What to do where the role is not there, or does not let this deployment in. */
  readonly advice: string;
}

/** The other account does not let this deployment look at its clusters. The message says what to deploy there. */
export class SourceClosed extends Error {
  override readonly name = 'SourceClosed';
}

/** Credentials are renewed this long before they expire, in milliseconds; the SDK does so, too. */
const RENEWAL = 5 * 60_000;

/** What was assumed is used until it expires; what failed is tried again by the next request. */
export function assumedRole(
  connect: LazySender<STSClient>,
  { arn, externalId, sessionName, advice }: SourceRole,
  clock: Pick<Clock, 'now'>,
): CredentialProvider {
  let known: Promise<Credentials> | undefined;
  let until = 0;

  async function assume(): Promise<Credentials> {
    const client = await connect();
    const { AssumeRoleCommand } = await import('@aws-sdk/client-sts');
    const request = { RoleArn: arn, ExternalId: externalId, RoleSessionName: sessionName };
    const { Credentials: assumed } = await client.send(new AssumeRoleCommand(request)).catch((error: unknown) => {
      if (isDenied(error)) throw new SourceClosed(`role ${arn} cannot be assumed: ${advice}`, { cause: error });
      throw error;
    });
    const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '', Expiration } = assumed ?? {};
    if (!Expiration) throw new Error(`AssumeRole did not answer with credentials of ${arn}`);
    until = Expiration.getTime() - RENEWAL;
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      expiration: Expiration,
    };
  }

  return () => {
    if (known && clock.now() < until) return known;
    until = Number.POSITIVE_INFINITY;
    known = assume();
    known.catch(() => {
      known = undefined;
    });
    return known;
  };
}
