/** What IAM decides, by a simulator of it that checks actions, resources and condition keys against AWS's reference. */
import { runSimulation, type Simulation } from '@cloud-copilot/iam-simulate';
import type { PolicyDocument, Role } from '../deployed/deployment.ts';
import { ACCOUNT } from '../deployed/literal.ts';
import type { Ask } from './asks.ts';

/** `Allowed`, `ImplicitlyDenied`: nothing allows it, `ExplicitlyDenied`: a statement forbids it. */
export type Decision = 'Allowed' | 'ImplicitlyDenied' | 'ExplicitlyDenied';

export interface Asker {
  /** ARN of a role, or the name of a service. */
  readonly principal: string;
  readonly policies: readonly PolicyDocument[];
}

export const askerOf = ({ arn, policies }: Role): Asker => ({ principal: arn, policies });

/** AWS KMS developer guide, "Default key policy": the policies of the account decide. Without one, nobody may use a key. */
const KEY_POLICY: PolicyDocument = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` }, Action: 'kms:*', Resource: '*' }],
};

/**
 * @param ofResource policy of the queue, topic or event bus, or the trust of a role
 * @param account that the resource is in
 * @throws Error where the request or a policy is none that IAM knows
 */
export async function decide(
  asker: Asker,
  ask: Pick<Ask, 'action' | 'resource'> & { readonly context: Readonly<Record<string, string | readonly string[]>> },
  ofResource?: PolicyDocument,
  account = ACCOUNT,
): Promise<Decision> {
  const resourcePolicy = ofResource ?? (ask.action.startsWith('kms:') ? KEY_POLICY : undefined);
  const simulation: Simulation = {
    request: {
      principal: asker.principal,
      action: ask.action,
      resource: { resource: ask.resource, accountId: account },
      contextVariables: { 'aws:SecureTransport': 'true', ...principalOf(asker), ...contextOf(ask.context) },
    },
    identityPolicies: asker.policies.map((policy, index) => ({ name: String(index), policy })),
    serviceControlPolicies: [],
    resourceControlPolicies: [],
    ...(resourcePolicy && { resourcePolicy }),
  };
  const result = await runSimulation(simulation, {});
  if (result.resultType === 'error')
    throw new Error(`${ask.action} on ${ask.resource}: ${JSON.stringify(result.errors)}`);
  return result.overallResult as Decision;
}

/** The simulator wants lists that may be changed. */
const contextOf = (context: Readonly<Record<string, string | readonly string[]>>): Record<string, string | string[]> =>
  Object.fromEntries(Object.entries(context).map(([key, it]) => [key, typeof it === 'string' ? it : [...it]]));

const principalOf = ({ principal }: Asker): Record<string, string> =>
  principal.startsWith('arn:') ? { 'aws:PrincipalArn': principal } : {};
