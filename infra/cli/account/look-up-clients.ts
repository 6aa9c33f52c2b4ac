/** The clients as the look-ups of the Lambdas take them. */
import type { LookUpParts } from '../../../functions/lambda/dependencies.ts';
import type { AccountClients } from './account-clients.ts';

export type LookUpClients = LookUpParts['clients'];

export const lookUpClients = ({
  ecs,
  ec2,
  ssm,
  serviceDiscovery,
}: Pick<AccountClients, 'ecs' | 'ec2' | 'ssm' | 'serviceDiscovery'>): LookUpClients => ({
  ecs,
  ssm,
  ec2: async () => ec2,
  serviceDiscovery: async () => serviceDiscovery,
});
