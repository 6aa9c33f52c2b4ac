/** Lambda behind a CloudFormation resource: when that is deleted, what this deployment registered in Cloud Map goes. */
import { createClients, PATIENCE } from '../aws/clients.ts';
import { createCloudMap } from '../aws/cloud-map.ts';
import { createEcs } from '../aws/ecs.ts';
import { createParameterReader } from '../aws/parameters.ts';
import { systemClock } from '../aws/system-clock.ts';
import { REGISTRATIONS_RESOURCE } from '../discovery/names.ts';
import { customResource } from '../lambda/custom-resource.ts';
import { readOwnership } from '../lambda/environment.ts';
import { createTelemetry } from '../lambda/telemetry.ts';
import { createCloudMapLookup } from '../look-up/cloud-map-lookup.ts';
import { emptyServices } from './empty-services.ts';

const settings = readOwnership(process.env);
const { report } = createTelemetry('registration-cleanup', settings.deployment);
const clients = createClients(PATIENCE.resync);
const cloudMap = createCloudMap(clients.serviceDiscovery);
const cloudMapLookup = createCloudMapLookup(
  {
    parameters: createParameterReader(clients.ssm),
    cloudMap,
    ecs: createEcs(clients.ecs),
    clock: systemClock,
    report,
  },
  settings,
);

const serviceIdOf = ({ [REGISTRATIONS_RESOURCE.serviceId]: id }: Readonly<Record<string, unknown>>) =>
  typeof id === 'string' ? id : undefined;

export const handler = customResource(
  {
    // Another Cloud Map service in its place: CloudFormation has the earlier one emptied, too, before it deletes it.
    identity: serviceIdOf,
    async handle({ RequestType, ResourceProperties }, deadline) {
      if (RequestType !== 'Delete') return;
      const deps = { cloudMapLookup, cloudMap, clock: systemClock, report };
      await emptyServices(deps, serviceIdOf(ResourceProperties), deadline);
    },
  },
  report,
);
