/** Standalone tasks without end, each with an address of its own, and what a test does with them. */
import { shardOfTask } from '../../functions/discovery/shard/shard-of-task.ts';
import type { TaskId } from '../../functions/discovery/task/task.ts';
import { type DeployedDiscovery, SHARDS } from './deployed-discovery.ts';
import { type Event, fixture, type Json, replaced, twin } from './events.ts';
import type { FakeEcs } from './fake-ecs.ts';
import { until } from './until.ts';

/** In the overrides of every task here, as somebody's password would be. */
export const SECRET = 'hunter2-hunter2';

/** The task definition of every task here. */
export function defineTasks(ecs: FakeEcs): void {
  const containerDefinitions = [{ name: 'orders', dockerLabels: { ECS_PROMETHEUS_EXPORTER_PORT: '8080' } }];
  ecs.taskDefinitions.set('orders:1', { networkMode: 'awsvpc', containerDefinitions });
}

let tasks = 0;

/** A new running task that nobody has heard of. @param shard where it belongs, if that matters */
export function aTask({ cluster = 'dev-public', shard, ...change }: Json & { cluster?: string; shard?: number } = {}) {
  let id: string;
  do id = (++tasks).toString(16).padStart(32, 'a');
  while (shard !== undefined && shardOfTask(id as TaskId, SHARDS) !== shard);
  const address = `10.9.${tasks >> 8}.${tasks & 255}`;
  const event = twin(fixture('real/fargate-running.json'), id);
  const moved = replaced(event, ['dev-public', cluster], ['10.249.47.254', address]);
  const overrides = { containerOverrides: [{ name: 'orders', environment: [{ name: 'PASSWORD', value: SECRET }] }] };
  // Nothing here depends on the service: by its group the task is a standalone one.
  return { ...moved, detail: { ...moved.detail, overrides, group: 'family:orders', ...change } };
}

export const addressOf = ({ detail }: Event): string => {
  const [container] = detail['containers'] as { networkInterfaces: { privateIpv4Address: string }[] }[];
  return `${container?.networkInterfaces[0]?.privateIpv4Address}:8080`;
};

export const newer = (event: Event): Event => ({ ...event, detail: { ...event.detail, version: 7 } });

/** Sends events of tasks that ECS shows in the same state. */
export async function happen({ ecs, send }: DeployedDiscovery, ...events: readonly Event[]): Promise<void> {
  for (const { detail } of events) ecs.show(detail);
  await send(...events);
}

export const isScraped = ({ addressesOf }: DeployedDiscovery, event: Event, cluster = 'dev-public') =>
  until(`${addressOf(event)} to be scraped`, async () =>
    (await addressesOf(cluster)).includes(addressOf(event)) ? true : undefined,
  );

export const isGone = ({ addressesOf }: DeployedDiscovery, event: Event) =>
  until(`${addressOf(event)} to be gone`, async () =>
    (await addressesOf('dev-public')).includes(addressOf(event)) ? undefined : true,
  );

/** Lines in the log of a function, observe if none is named. */
export const linesAbout = async ({ logs }: DeployedDiscovery, pattern: RegExp, name?: string) =>
  (await logs(name)).filter((line) => pattern.test(JSON.stringify(line)));
