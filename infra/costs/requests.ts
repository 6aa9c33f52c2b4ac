/**
 * Requests of a day, from the size of a fleet: upper bounds, which `test/docs/costs.test.ts` holds against those that the
 * shipped code makes.
 */
import { type Fleet, REFRESHES, RESYNCS } from './fleet.ts';

/** Names that GetParameters takes; tasks that ListTasks and DescribeTasks take; services that DescribeServices takes. */
const NAMES = 10;
const TASKS = 100;
const SERVICES = 10;

/**
 * Requests of the Lambdas in a day: without batches, and with functions that remember nothing from one change to the next, so
 * that it is more than a busy day needs.
 */
export function requestsPerDay({ services, tasks, changesPerDay, shards, cloudMap }: Fleet) {
  const [starts, stops] = [Math.ceil(changesPerDay / 2), Math.floor(changesPerDay / 2)];
  const withCloudMap = cloudMap ? 1 : 0;
  const perResync = {
    // Lists, looks, and the services in which ECS registers; each shard's tasks by themselves.
    ecs:
      Math.ceil(tasks / TASKS) +
      Math.max(shards, Math.ceil(tasks / TASKS)) +
      withCloudMap * (Math.ceil(services / SERVICES) + shards),
    cloudMap: withCloudMap * (2 + services),
    // The kept task definitions are read, too.
    ssm: withCloudMap + Math.ceil(shards / NAMES) + 1,
  };
  // Resync asks for a task definition that it has not met, and keeps it.
  const newDefinitions = Math.min(services * RESYNCS, starts);
  return {
    // Two looks at a task that starts, its definition, its service; register looks once more, and at the service of a stop.
    ecs: (3 + 4 * withCloudMap) * starts + withCloudMap * stops + newDefinitions + RESYNCS * perResync.ecs,
    // Namespaces, services, tags: observe for a start, register for each change.
    cloudMap: withCloudMap * 3 * (starts + changesPerDay) + RESYNCS * perResync.cloudMap,
    // Store reads and writes, and reads once more for what is announced twice; the others read the list of namespaces.
    ssm:
      2 * changesPerDay +
      starts +
      withCloudMap * (starts + changesPerDay) +
      Math.min(newDefinitions, RESYNCS) +
      RESYNCS * perResync.ssm,
  };
}

/** Requests of all target-syncs in a day, on SSM alone: each refreshes its own part of the shards and reads what changed. */
export const syncRequestsPerDay = ({ changesPerDay, shards, collectors }: Fleet): number =>
  collectors === 0 ? 0 : REFRESHES * collectors * Math.ceil(shards / collectors / NAMES) + changesPerDay;

/** The reference's sidecar: 3 requests, and 2 for each service, every 30 s. */
export const sidecarRequestsPerDay = ({ services }: Pick<Fleet, 'services'>): number => (3 + 2 * services) * 2880;
