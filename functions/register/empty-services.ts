/** Deregisters everything in Cloud Map services of this deployment, which are about to be deleted. */
import pLimit from 'p-limit';
import { CHANGES_AT_ONCE, type CloudMap } from '../aws/cloud-map.ts';
import { isNamed, isThrottle } from '../aws/errors.ts';
import type { Clock } from '../discovery/clock.ts';
import type { Report } from '../lambda/report.ts';
import { NamespacesParameterMissing } from '../look-up/catalogue.ts';
import type { CloudMapLookup } from '../look-up/cloud-map-lookup.ts';

interface EmptyServicesDeps {
  readonly cloudMapLookup: Pick<CloudMapLookup, 'owned'>;
  readonly cloudMap: Pick<CloudMap, 'listInstances' | 'deregister'>;
  readonly clock: Clock;
  readonly report: Report;
}

/** Instances are still there when the time is up. */
class ServiceNotEmpty extends Error {
  override readonly name = 'ServiceNotEmpty';
}

/** Milliseconds until Cloud Map, whose operations are asynchronous, is asked again what is left. */
const PAUSE = 2000;

/**
 * Waits until the instances are gone, so that the service can be deleted.
 *
 * @param serviceId the one service; absent: all that this deployment owns
 * @param deadline when to give up, in milliseconds since 1970
 * @throws ServiceNotEmpty
 */
export async function emptyServices(
  deps: EmptyServicesDeps,
  serviceId: string | undefined,
  deadline: number,
): Promise<void> {
  const owned = await ownedServices(deps);
  for (const { id, name } of owned) {
    if (serviceId === undefined || serviceId === id) await empty(deps, { id, name }, deadline);
  }
}

/** Without the parameter nobody knows where registrations could be; that must not keep a stack from being deleted. */
async function ownedServices({ cloudMapLookup, report }: EmptyServicesDeps) {
  try {
    return await cloudMapLookup.owned();
  } catch (error) {
    if (!(error instanceof NamespacesParameterMissing)) throw error;
    report.warn('no instances are deregistered', { reason: error.message });
    return [];
  }
}

async function empty(
  { cloudMap, clock, report }: EmptyServicesDeps,
  { id, name }: { readonly id: string; readonly name: string },
  deadline: number,
): Promise<void> {
  const limit = pLimit(CHANGES_AT_ONCE);
  for (;;) {
    const left = await instancesOf(cloudMap, id);
    if (left.length === 0) return;
    if (clock.now() >= deadline) {
      throw new ServiceNotEmpty(`${left.length} instances of Cloud Map service ${name} (${id}) are still registered`);
    }
    report.info('deregistering instances', { cloudMapService: name, instances: left.length });
    await Promise.all(left.map(({ instanceId }) => limit(() => deregister(cloudMap, id, instanceId))));
    await clock.sleep(PAUSE);
  }
}

/** Another operation on the instance may be under way; what is left then is seen in the next round. */
async function deregister(cloudMap: EmptyServicesDeps['cloudMap'], id: string, instanceId: string): Promise<void> {
  try {
    await cloudMap.deregister(id, instanceId);
  } catch (error) {
    if (!isNamed(error, 'DuplicateRequest', 'ResourceInUse') && !isThrottle(error)) throw error;
  }
}

async function instancesOf(cloudMap: EmptyServicesDeps['cloudMap'], id: string) {
  try {
    return await cloudMap.listInstances(id);
  } catch (error) {
    if (isNamed(error, 'ServiceNotFound')) return [];
    throw error;
  }
}
