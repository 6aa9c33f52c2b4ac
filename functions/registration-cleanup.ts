/** Lambda behind a CloudFormation resource: when that is deleted, what this deployment registered in Cloud Map goes. */
import type { CloudFormationCustomResourceEvent, Context } from 'aws-lambda';
import { createClients } from './aws/clients.ts';
import { createCloudMap } from './aws/cloud-map.ts';
import { answerCloudFormation } from './aws/cloudformation-answer.ts';
import { createEcs } from './aws/ecs.ts';
import { describeError } from './aws/errors.ts';
import { createParameters } from './aws/parameters.ts';
import { systemClock } from './aws/system-clock.ts';
import { REGISTRATIONS_RESOURCE } from './discovery/names.ts';
import { readOwnership } from './environment.ts';
import { emptyRegistries } from './reconcile/empty-registries.ts';
import { createRegistryLookup } from './reconcile/service-registries.ts';
import { createTelemetry } from './telemetry.ts';

const { report } = createTelemetry('registration-cleanup');
const clients = createClients();
const settings = readOwnership(process.env);
const cloudMap = createCloudMap(clients.serviceDiscovery, systemClock);
const parameters = createParameters({ read: clients.ssmRead, write: clients.ssmWrite }, 'Standard');
const registries = createRegistryLookup(
  { parameters, cloudMap, ecs: createEcs(clients.ecs), clock: systemClock, report },
  settings,
);

/** For the answer to CloudFormation, which waits long for one that never comes. */
const RESERVE_MILLISECONDS = 20_000;

export async function handler(event: CloudFormationCustomResourceEvent, context: Context): Promise<void> {
  // The same at every update: another one would make CloudFormation delete the earlier resource, and empty everything.
  const id = 'PhysicalResourceId' in event ? event.PhysicalResourceId : event.LogicalResourceId;
  try {
    if (event.RequestType === 'Delete') {
      const serviceId: unknown = event.ResourceProperties[REGISTRATIONS_RESOURCE.serviceId];
      const deadline = systemClock.now() + context.getRemainingTimeInMillis() - RESERVE_MILLISECONDS;
      await emptyRegistries(
        { registries, cloudMap, clock: systemClock, report },
        typeof serviceId === 'string' ? serviceId : undefined,
        deadline,
      );
    }
    await answerCloudFormation(event, id);
  } catch (error) {
    const reason = describeError(error);
    report.warn('registrations stay', { reason });
    await answerCloudFormation(event, id, reason);
  }
}
