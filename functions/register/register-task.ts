/** One task and the Cloud Map service that it belongs in: what is registered becomes what ECS says now. */
import type { CloudMap } from '../aws/cloud-map.ts';
import type { Misregistered } from '../discovery/change/announcement.ts';
import type { TaskChange } from '../discovery/change/change.ts';
import { LABELS } from '../discovery/target/labels.ts';
import { isRegistered, type Registration } from '../discovery/target/registration.ts';
import { beforeItRan, ECS_LAG_SECONDS, notKnownYet, olderVersion } from '../discovery/task/not-yet-visible.ts';
import type { TaskId } from '../discovery/task/task.ts';
import type { CloudMapLookup } from '../look-up/cloud-map-lookup.ts';
import { type ObserveDeps, type ObservedTask, observeTasks } from '../look-up/observe-tasks.ts';

export interface RegisterDeps extends ObserveDeps {
  readonly cloudMap: Pick<CloudMap, 'getInstance' | 'register' | 'deregister'>;
  readonly cloudMapLookup: CloudMapLookup;
}

/**
 * `changed`: Cloud Map was asked to change something, which it does later, if it does. `absent`: it knows no such instance
 * to deregister, or not yet.
 */
export type RegisterResult = 'right' | 'changed' | 'absent';

/** Milliseconds for which Cloud Map's answers about services and their tags are good enough to write by. */
const OWNED_MILLISECONDS = 60_000;

/** Looks at tasks that may have to be registered, or to be no longer. */
export function lookBeforeRegistering(deps: RegisterDeps, cluster: string, taskIds: readonly TaskId[]) {
  const since = deps.clock.now() - OWNED_MILLISECONDS;
  return observeTasks(deps, cluster, taskIds, { unselected: since, selected: since });
}

/**
 * A statement says only which task to look at. A stop is final and needs no look; what else is registered, is what ECS and
 * Cloud Map say now.
 *
 * @param look absent for a stop
 * @throws what AWS answers; the task is then tried again
 */
export async function registerTask(
  deps: RegisterDeps,
  change: TaskChange,
  look: ObservedTask | undefined,
): Promise<RegisterResult> {
  const { taskId } = change;
  if (change.kind === 'stop') return deregister(deps, change.service, taskId);
  if (look === undefined) throw new Error('the task was not looked up');
  const { observation, registration, task } = look;
  // Of a task in bridge mode that would be a port of before.
  if (task && task.version < change.version && observation.kind !== 'stopped') {
    throw olderVersion();
  }
  switch (observation.kind) {
    case 'unknown':
      throw observation.error;
    case 'starting':
      throw beforeItRan();
    case 'offers':
      return registration ? register(deps, registration) : deregister(deps, task?.service, taskId);
    case 'unselected':
    case 'stopped':
      return deregister(deps, observation.service, taskId);
    case 'missing':
      if (look.observed - change.observed < ECS_LAG_SECONDS) throw notKnownYet();
      return deregister(deps, serviceOf(change), taskId);
  }
}

const serviceOf = (change: TaskChange): string | undefined =>
  change.kind === 'upsert' ? change.targets.labels[LABELS.service] : change.service;

/** A repetition costs one read, and no operation of Cloud Map. */
async function register({ cloudMap }: RegisterDeps, wanted: Registration): Promise<RegisterResult> {
  const found = await cloudMap.getInstance(wanted.serviceId, wanted.instanceId);
  if (found && isRegistered(wanted, found)) return 'right';
  await cloudMap.register(wanted);
  return 'changed';
}

/** Asks Cloud Map alone: whatever ECS does, what stopped is deregistered. */
async function deregister(
  { cloudMapLookup, cloudMap, clock }: RegisterDeps,
  service: string | undefined,
  taskId: TaskId,
): Promise<RegisterResult> {
  if (service === undefined) return 'right';
  const { owned, incomplete } = await cloudMapLookup.ownedOf(service, clock.now() - OWNED_MILLISECONDS);
  if (!owned && incomplete) throw incomplete;
  if (!owned) return 'right';
  return (await cloudMap.deregister(owned.id, taskId)) ? 'changed' : 'absent';
}

/**
 * Only in services that carry the tag of this deployment, as Cloud Map says now, and unless the task belongs there by now.
 *
 * @param look absent where the task stopped
 * @throws what AWS answers
 */
export async function removeMisregistered(
  { cloudMapLookup, cloudMap, clock }: RegisterDeps,
  { serviceId, taskId }: Misregistered,
  look: ObservedTask | undefined,
): Promise<RegisterResult> {
  if (look?.observation.kind === 'unknown') throw look.observation.error;
  if (look?.observation.kind === 'starting') throw beforeItRan();
  if (look?.registration?.serviceId === serviceId) return 'right';
  const owned = await cloudMapLookup.owned(clock.now() - OWNED_MILLISECONDS);
  if (!owned.some(({ id }) => id === serviceId)) return 'right';
  return (await cloudMap.deregister(serviceId, taskId)) ? 'changed' : 'absent';
}
