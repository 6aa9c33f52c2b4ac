/** A day of a fleet, as the shipped code sees it on an account in memory: what requests does it make? */

import { handleTaskEvents } from '../../functions/reconcile/task-change.ts';
import { resync } from '../../functions/resync/resync.ts';
import { createAccount } from '../factories/account.ts';
import { idOf, type TaskOptions, taskEvent } from '../factories/tasks.ts';

export interface Day {
  readonly services: number;
  readonly tasks: number;
  /** Tasks that start or stop, spread over the day; a start and a stop take turns. */
  readonly changes: number;
  readonly shards: number;
  readonly resyncs: number;
}

export interface Requests {
  readonly ecs: number;
  readonly cloudMap: number;
  readonly ssm: number;
}

/** ECS tells twice of a start that matters and four times of a stop (shared facts: container changes, versions 3 to 6). */
const EVENTS_OF_A_START = 2;
const EVENTS_OF_A_STOP = 4;

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Tasks selected by tags of Cloud Map services that ECS itself registers them in, as in the reference system. */
export async function requestsOfADay({ services, tasks, changes, shards, resyncs }: Day): Promise<Requests> {
  const account = createAccount({ shards, shardTier: 'Advanced' });
  const serviceOf = (number: number): string => `service-${number % services}`;
  for (let index = 0; index < services; index++) {
    account.addService(`${serviceOf(index)}-registry`, { METRICS_PATH: '/metrics', METRICS_PORT: '3000' });
    account.managed.set(serviceOf(index), [`${serviceOf(index)}-registry`]);
    account.definitions.set(serviceOf(index), { networkMode: 'awsvpc', containerDefinitions: [{ name: 'web' }] });
  }
  const running = (number: number): TaskOptions => ({
    number,
    service: serviceOf(number),
    family: serviceOf(number),
    address: `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
  });
  account.run(...Array.from({ length: tasks }, (_, index) => running(index + 1)));
  const look = () => resync(account.deps, {}, Number.POSITIVE_INFINITY, () => account.client.sent.length);
  await look();
  account.clock.advance(DAY / resyncs);
  const before = account.client.sent.length;

  let received = 0;
  const tell = async (options: TaskOptions): Promise<void> => {
    account.tasks.set(idOf(options.number ?? 1), options);
    const now = account.clock.now();
    const body = taskEvent(options, new Date(now).toISOString());
    await handleTaskEvents(account.deps, [{ messageId: `m${received++}`, body, receiveCount: 1 }], now + MINUTE);
  };
  const end = account.clock.now() + DAY;
  const pause = DAY / changes;
  let nextResync = account.clock.now() + DAY / resyncs;
  for (let change = 0; change < changes; change++) {
    const oldest = (change >> 1) + 1;
    const events = change % 2 === 0 ? EVENTS_OF_A_START : EVENTS_OF_A_STOP;
    for (let event = 0; event < events; event++) {
      if (change % 2 === 0) await tell({ ...running(tasks + oldest), version: 3 + event });
      else await tell({ ...running(oldest), desiredStatus: 'STOPPED', version: 4 + event, stoppingAt: stamp(account) });
      account.clock.advance(5000);
    }
    account.clock.advance(Math.max(0, pause - events * 5000));
    if (account.clock.now() >= nextResync) {
      await look();
      nextResync += DAY / resyncs;
    }
  }
  while (nextResync <= end) {
    await look();
    nextResync += DAY / resyncs;
  }
  return sum(account.client.sent.slice(before).map(({ operation }) => operation));
}

const stamp = ({ clock }: { clock: { now(): number } }): string => new Date(clock.now()).toISOString();

function sum(operations: readonly string[]): Requests {
  const of = (...names: string[]): number => operations.filter((operation) => names.includes(operation)).length;
  return {
    ecs: of('DescribeTasks', 'ListTasks', 'DescribeTaskDefinition', 'DescribeServices'),
    cloudMap: of('ListNamespaces', 'ListServices', 'ListTagsForResource', 'ListInstances'),
    ssm: of('GetParameters', 'GetParameter', 'PutParameter'),
  };
}
