/** The clients as the look-ups of the Lambdas take them. */
import type { LookUpParts } from '../../../functions/lambda/dependencies.ts';
import type { AccountClients } from './account-clients.ts';

export type LookUpClients = LookUpParts['clients'];

export const lookUpClients = ({
  ecs,
  ec2,
  ssm,
  serviceDiscovery,
  sts,
  inRegion,
}: Pick<AccountClients, 'ecs' | 'ec2' | 'ssm' | 'serviceDiscovery' | 'sts' | 'inRegion'>): LookUpClients => ({
  ecs,
  ssm,
  inRegion,
  sts: async () => sts,
  ec2: async () => ec2,
  serviceDiscovery: async () => serviceDiscovery,
});
