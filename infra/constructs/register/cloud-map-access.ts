/** Permissions on Cloud Map: reading how to scrape, and registering in services that this deployment owns. */
import { Stack } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { OWNER_TAG } from '../../../functions/discovery/names.ts';
import { acknowledgeWildcards } from '../acknowledge.ts';
import type { GrantTarget } from '../grant-target.ts';

/** Cloud Map makes up the ids of services: no pattern narrows them down. */
const anyService = (scope: Construct) =>
  Stack.of(scope).formatArn({ service: 'servicediscovery', resource: 'service', resourceName: '*' });

/** Allows to find services and to read their tags. */
export function grantFindServices(grantee: GrantTarget): void {
  Grant.addToPrincipal({
    grantee,
    actions: [
      'servicediscovery:ListNamespaces',
      'servicediscovery:ListServices',
      'servicediscovery:ListTagsForResource',
    ],
    resourceArns: ['*'],
  });
  acknowledgeWildcards(grantee, ['*'], 'These list what the account has: IAM knows no resource for them.');
}

/** Allows to list what is registered. */
export function grantListInstances(scope: Construct, grantee: GrantTarget): void {
  const resourceArns = [anyService(scope)];
  Grant.addToPrincipal({ grantee, actions: ['servicediscovery:ListInstances'], resourceArns });
  acknowledgeWildcards(grantee, resourceArns, 'Reading: Cloud Map makes up the ids of services.');
}

/**
 * Allows to register and deregister, only in services whose owner tag names this deployment: invariant "ownership" of the
 * design, kept by IAM as well as by the code. The route53 actions that Cloud Map wants for services with Route 53 health
 * checks are left out on purpose: an owned service has none.
 */
export const grantRegister = (scope: Construct, grantee: GrantTarget, deployment: string): void =>
  grantOnOwned(scope, grantee, deployment, ['RegisterInstance', 'DeregisterInstance', 'GetInstance']);

/** The same without registering, for what only tidies up. */
export const grantDeregister = (scope: Construct, grantee: GrantTarget, deployment: string): void =>
  grantOnOwned(scope, grantee, deployment, ['DeregisterInstance']);

function grantOnOwned(scope: Construct, grantee: GrantTarget, deployment: string, operations: string[]): void {
  acknowledgeWildcards(grantee, [anyService(scope)], 'The condition on the owner tag names the services.');
  Grant.addToPrincipal({
    grantee,
    actions: operations.map((operation) => `servicediscovery:${operation}`),
    resourceArns: [anyService(scope)],
    conditions: { StringEquals: { [`aws:ResourceTag/${OWNER_TAG}`]: deployment } },
  });
}
